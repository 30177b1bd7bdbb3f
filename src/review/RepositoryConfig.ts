/**
 * Reads a repository's `holdfast.yml`.
 *
 * It is taken from the base commit of a pull request, so that nobody changes by whom and how their change is reviewed in
 * that change. Every problem has its line and column. A file with a problem is left out as a whole; unknown keys only warn,
 * so that a file for a later version still serves.
 */
import { Array as Arr, Either, Option, ParseResult, Schema } from "effect"
import { type Document, LineCounter, parseDocument } from "yaml"
import { ConfigFile } from "./RepositoryConfig/ConfigFile.ts"
import { locateKey, locateValue, type Path, type Place } from "./RepositoryConfig/Locate.ts"
import { nearestKey } from "./RepositoryConfig/NearestKey.ts"
import { unknownKeys } from "./RepositoryConfig/UnknownKeys.ts"

/** Where the file may stand; the first that exists counts. */
export const configPaths = [".github/holdfast.yml", ".holdfast.yml"] as const

/** More than any such file needs, and little enough to be parsed in milliseconds. */
const maxBytes = 32 * 1024

/** https://en.wikipedia.org/wiki/Billion_laughs_attack: how often aliases may repeat what they name. */
const maxAliases = 50

const maxProblems = 20

export interface ConfigProblem extends Place {
  /** What is wrong, in a sentence that begins with the key. */
  readonly message: string
}

export interface RepositoryConfig {
  readonly file: ConfigFile
  /** Keys that are not known, and the like. */
  readonly warnings: ReadonlyArray<ConfigProblem>
}

/** One line for people: `.github/holdfast.yml:3:5: review.style must be one of chill, balanced, strict`. */
export const sayProblem = (path: string, { line, column, message }: ConfigProblem): string =>
  `${path}:${line}:${column}: ${message}`

type Problems = readonly [ConfigProblem, ...Array<ConfigProblem>]

const problem = (place: Place, message: string): ConfigProblem => ({
  line: place.line,
  column: place.column,
  message
})

const atStart: Place = { line: 1, column: 1 }

/** A broken line can break the parser's understanding of all that follows; the first word on each line is enough. */
const onePerLine = (problems: ReadonlyArray<ConfigProblem>): ReadonlyArray<ConfigProblem> =>
  Arr.dedupeWith(problems.slice(0, 200), (one, other) => one.line === other.line).slice(0, maxProblems)

const sayPath = (path: Path): string =>
  path.reduce<string>(
    (said, key) =>
      typeof key === "number" ? `${said}[${key + 1}]` : said === "" ? String(key) : `${said}.${String(key)}`,
    ""
  )

/** A key without a value, as in "labels:", is as good as a key that isn't there. */
const withoutNulls = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== null)
      .map(([key, inner]) => [key, withoutNulls(inner)])
  )
}

const read = (text: string, lines: LineCounter): Either.Either<Document.Parsed, Problems> => {
  if (Buffer.byteLength(text, "utf8") > maxBytes) {
    return Either.left([problem(atStart, `the file is larger than ${maxBytes / 1024} KB`)])
  }
  return Either.try({
    try: () => parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true }),
    // Thousands of nested brackets exhaust the parser's stack.
    catch: (): Problems => [problem(atStart, "the file is nested too deeply to be read")]
  }).pipe(
    Either.flatMap((document) => {
      const [first, ...rest] = onePerLine(
        document.errors.map(({ pos: [offset], message }) => {
          const { line, col } = lines.linePos(offset)
          return problem({ line: Math.max(1, line), column: Math.max(1, col) }, `not valid YAML: ${message}`)
        })
      )
      return first === undefined ? Either.right(document) : Either.left<Problems>([first, ...rest])
    })
  )
}

const toPlain = (document: Document.Parsed): Either.Either<unknown, Problems> =>
  Either.try({
    try: (): unknown => withoutNulls(document.toJS({ maxAliasCount: maxAliases })) ?? {},
    catch: (): Problems => [problem(atStart, "the file has aliases that lead nowhere or repeat too much")]
  })

const decode = (
  document: Document.Parsed,
  value: unknown,
  lines: LineCounter
): Either.Either<ConfigFile, Problems> =>
  Schema.decodeUnknownEither(ConfigFile, { errors: "all" })(value).pipe(
    Either.mapLeft((error): Problems => {
      const [first, ...rest] = ParseResult.ArrayFormatter.formatErrorSync(error)
        .slice(0, maxProblems)
        .map(({ path, message }) =>
          problem(locateValue(document, path, lines), `${sayPath(path) || "the file"} ${message}`)
        )
      return [first ?? problem(atStart, "the file is not as expected"), ...rest]
    })
  )

const warningsOf = (
  document: Document.Parsed,
  value: unknown,
  lines: LineCounter
): ReadonlyArray<ConfigProblem> =>
  unknownKeys(ConfigFile.ast, value)
    .slice(0, maxProblems)
    .map(({ path, known }) => {
      const meant = Option.match(nearestKey(String(path.at(-1)), known), {
        onNone: () => "",
        onSome: (key) => `; did you mean ${sayPath([...path.slice(0, -1), key])}?`
      })
      return problem(
        locateKey(document, path, lines),
        `${sayPath(path)} is not known to this version and is ignored${meant}`
      )
    })

/** Reads the file's text. Left: what is wrong with it, at most twenty problems. */
export const parseConfig = (text: string): Either.Either<RepositoryConfig, Problems> => {
  const lines = new LineCounter()
  return Either.gen(function* () {
    const document = yield* read(text, lines)
    const value = yield* toPlain(document)
    const file = yield* decode(document, value, lines)
    return { file, warnings: warningsOf(document, value, lines) }
  })
}
