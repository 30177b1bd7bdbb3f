/**
 * Path patterns that a repository or an installation writes.
 *
 * They are matched in time linear in the path's length. The usual libraries make backtracking regular expressions of
 * them: one of those took 65 s for `**` + `/*a*a*a*a*b` on a name of 255 letters, and whoever may write to one repository must not be
 * able to stop a worker that serves others.
 *
 * The language is that of `.gitignore` and the shell: `*` and `?` within a name, `**` over folders, `[a-z]`, `{a,b}`,
 * `\` before a character that is meant as itself. Dots are ordinary characters. A pattern without a slash matches a
 * name at any depth, one with a slash from the root.
 */
import { Either, Option } from "effect"
import { RE2JS } from "re2js"

const maxLength = 256

/** Why a pattern is not even tried. */
const unacceptable = (glob: string): Option.Option<string> => {
  if (glob.trim() === "") return Option.some("is empty")
  if (glob.length > maxLength) return Option.some(`is longer than ${maxLength} characters`)
  if (glob.startsWith("!"))
    return Option.some("starts with “!”, but nothing takes back what a pattern matches")
  if (/[@?!+*]\(/.test(glob)) return Option.some("uses an extended glob such as +(…), which is not supported")
  return Option.none()
}

/** A compiled pattern. */
export interface Glob {
  readonly source: string
  readonly matches: (path: string) => boolean
}

const token =
  /(?<stars>\*+)(?<slash>\/)?|(?<any>\?)|\[(?<not>[!^]?)(?<set>\]?(?:\\.|[^\]\\/])+)\]|\\(?<escaped>.)|(?<brace>[{},])|(?<plain>.)/gsu

/** Braces that don't pair up are ordinary characters. */
const bracesPair = (pattern: string): boolean => {
  let depth = 0
  for (const { groups } of pattern.matchAll(token)) {
    if (groups?.["brace"] === "{") depth++
    else if (groups?.["brace"] === "}" && --depth < 0) return false
  }
  return depth === 0
}

const codePoint = (character: string): number => character.codePointAt(0) ?? 0

const inClass = (character: string): string => `\\x{${codePoint(character).toString(16)}}`

const characterClass = (not: string, set: string): string => {
  const members = set
    .replace(/\\(.)/gsu, "$1")
    .replace(
      /(.)-(.)|(.)/gsu,
      (_, from: string | undefined, to: string | undefined, one: string | undefined) => {
        if (from === undefined || to === undefined) return inClass(one ?? "")
        // A range that runs backwards would not compile; as three characters it does no harm.
        return codePoint(from) <= codePoint(to)
          ? `${inClass(from)}-${inClass(to)}`
          : `${inClass(from)}${inClass("-")}${inClass(to)}`
      }
    )
  return not === "" ? `[${members}]` : `[^/${members}]`
}

/** The pattern in the syntax of RE2. */
const translate = (pattern: string, braces: boolean): string => {
  const grouping = braces && bracesPair(pattern)
  let depth = 0
  let regex = ""
  for (const match of pattern.matchAll(token)) {
    const { stars, slash, any, not, set, escaped, brace, plain } = match.groups ?? {}
    const startsName = match.index === 0 || pattern.charAt(match.index - 1) === "/"
    const endsPattern = match.index + match[0].length === pattern.length
    if (stars !== undefined && stars.length > 1 && startsName && (slash !== undefined || endsPattern)) {
      regex += slash === undefined ? ".*" : "(?:.*/)?"
    } else if (stars !== undefined) {
      regex += `[^/]*${slash ?? ""}`
    } else if (any !== undefined) {
      regex += "[^/]"
    } else if (set !== undefined) {
      regex += characterClass(not ?? "", set)
    } else if (grouping && brace === "{") {
      depth++
      regex += "(?:"
    } else if (grouping && brace === "}") {
      depth--
      regex += ")"
    } else if (grouping && brace === "," && depth > 0) {
      regex += "|"
    } else {
      regex += RE2JS.quote(escaped ?? brace ?? plain ?? "")
    }
  }
  return regex
}

const anywhere = (pattern: string): string =>
  pattern.includes("/") ? pattern.replace(/^\//, "") : `**/${pattern}`

const compile = (source: string, pattern: string, braces: boolean): Either.Either<Glob, string> =>
  Option.match(unacceptable(source), {
    onSome: (fault) => Either.left(fault),
    onNone: () =>
      Either.try({
        try: () => RE2JS.compile(translate(anywhere(pattern), braces), RE2JS.DOTALL),
        catch: () => "can't be understood"
      }).pipe(Either.map((regex) => ({ source, matches: (path: string) => regex.testExact(path) })))
  })

/** Compiles a pattern of `files.ignore` and the like; `dist/` means all that is in it. Left: why it is not accepted. */
export const compileGlob = (glob: string): Either.Either<Glob, string> =>
  compile(glob, glob.endsWith("/") ? `${glob}**` : glob, true)

/** Compiles a pattern of `.gitattributes`, where braces are ordinary characters and a final slash matches no file. */
export const compileGitattributesGlob = (glob: string): Either.Either<Glob, string> =>
  compile(glob, glob, false)

/** Why a pattern is not accepted, in words that follow its name. None when it is fine. */
export const globFault = (glob: string): Option.Option<string> => Either.getLeft(compileGlob(glob))

/** The first glob that matches. */
export const firstMatch = (globs: ReadonlyArray<Glob>, path: string): Option.Option<Glob> =>
  Option.fromNullable(globs.find((glob) => glob.matches(path)))
