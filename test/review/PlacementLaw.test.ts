/**
 * The law of placement, over diffs that git makes: a quote that is placed stands on lines that GitHub takes a comment on,
 * and the file has there what was quoted. What the file has is read from the file and not from the diff.
 *
 * A failure is replayed with the seed, and the path, that it prints: see `Histories.ts`.
 */
import { Either, FastCheck, Option } from "effect"
import { beforeAll, describe, expect, it } from "vitest"
import { type Commentable, commentable, isCommentable } from "../../src/review/Commentable.ts"
import type { ChangedFile, DiffLine, Hunk } from "../../src/review/Diff.ts"
import { parseFile } from "../../src/review/ParseDiff.ts"
import { parseGitDiff } from "../../src/review/ParseGitDiff.ts"
import { isEllipsis } from "../../src/review/Quote/Ellipsis.ts"
import { withoutBlankEnds, withoutFences } from "../../src/review/Quote/Readings.ts"
import { type Resolved, resolveQuote } from "../../src/review/Quote.ts"
import { collapse, isBlank } from "../../src/review/WhiteSpace.ts"
import { replayed } from "../support/Histories.ts"
import { type GitChanges, gitChanges, type Texts } from "./GitChanges.ts"
import { type Lines, type Mangling, mangle, prefixes, unmangled, whiteSpaces, wraps } from "./Mangle.ts"
import { randomChanges, sourceLines } from "./RandomChanges.ts"

const seed = replayed().seed ?? Date.now() % 2 ** 31
const runs = (numRuns: number) => ({ ...replayed(), seed, numRuns })

let changes: GitChanges
let files: ReadonlyArray<ChangedFile>
let hunks: ReadonlyArray<readonly [ChangedFile, Hunk]>
let where: Commentable

beforeAll(() => {
  changes = gitChanges(randomChanges(seed, 400))
  files = Either.getOrThrow(parseGitDiff(changes.diff))
  hunks = files.flatMap((file) => file.hunks.map((hunk) => [file, hunk] as const))
  where = commentable(files)
})

const isOnNewSide = ({ newLine }: DiffLine): boolean => Option.isSome(newLine)

/** One line of a file, without its line end. */
const lineIn = (texts: Texts, path: string, number: Option.Option<number>): string =>
  (texts.get(path)?.split("\n")[Option.getOrThrow(number) - 1] ?? "no such line").replace(/\r$/, "")

/** The text of a line of a diff as it is in the file: before the change when it is removed, else after it. */
const textIn = (file: ChangedFile, line: DiffLine): string =>
  line.kind === "removed"
    ? lineIn(
        changes.before,
        Option.getOrElse(file.previousPath, () => file.path),
        line.oldLine
      )
    : lineIn(changes.after, file.path, line.newLine)

const linesAt = (file: ChangedFile, { line, startLine }: Resolved): Lines =>
  Array.from({ length: line - startLine + 1 }, (_, at) =>
    lineIn(changes.after, file.path, Option.some(startLine + at))
  )

/** Those lines, and what the change removes right before, among and right after them. */
const aroundAt = (file: ChangedFile, { line, startLine }: Resolved): Lines => {
  const isAt = ({ newLine }: DiffLine, number: number): boolean => Option.contains(newLine, number)
  const lines = file.hunks.find((hunk) => hunk.lines.some((one) => isAt(one, line)))?.lines ?? []
  let from = lines.findIndex((one) => isAt(one, startLine))
  let to = lines.findIndex((one) => isAt(one, line))
  while (lines[from - 1]?.kind === "removed") from--
  while (lines[to + 1]?.kind === "removed") to++
  return lines.slice(from, to + 1).map((one) => textIn(file, one))
}

const collapseAll = (lines: Lines): Lines => lines.map(collapse)
const overlap = (one: string, other: string): boolean => one.includes(other) || other.includes(one)
/** Without markers, numbers, backticks or ellipses that may stand around it. */
const core = (text: string): string => text.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, "")
const isLong = (text: string): boolean => text.replace(/\s/g, "").length >= 8

/** What the resolver says; wherever it says anything, GitHub takes a comment there. */
const resolved = (file: ChangedFile, quote: string): Option.Option<Resolved> => {
  const found = resolveQuote(file, quote)
  if (Option.isSome(found)) {
    const { line, startLine } = found.value
    expect(isCommentable(where, file.path, startLine, line)).toBe(true)
  }
  return found
}

/** The same for a quote of which it must say something. */
const mustResolve = (file: ChangedFile, quote: string): Resolved =>
  Option.getOrThrowWith(resolved(file, quote), () => new Error(`not placed in ${file.path}: ${quote}`))

const somewhere = FastCheck.record({
  hunk: FastCheck.nat(1_000_000),
  start: FastCheck.nat(1_000_000),
  length: FastCheck.integer({ min: 1, max: 9 })
})
type Somewhere = typeof somewhere extends FastCheck.Arbitrary<infer A> ? A : never

/** Lines that follow each other on the new side, or in the diff, of some hunk. */
const linesFrom = (at: Somewhere, isWanted: (line: DiffLine) => boolean) => {
  const [file, hunk] = hunks[at.hunk % hunks.length] ?? expect.unreachable("there are no hunks")
  const all = hunk.lines.filter(isWanted)
  const start = at.start % Math.max(1, all.length)
  const lines = all.slice(start, start + at.length)
  return { file, hunk, lines, texts: lines.map((line) => textIn(file, line)) }
}

const mangling: FastCheck.Arbitrary<Mangling> = FastCheck.record({
  whiteSpace: FastCheck.constantFrom(...whiteSpaces),
  prefix: FastCheck.constantFrom(...prefixes),
  wrap: FastCheck.constantFrom(...wraps),
  blankEnds: FastCheck.boolean()
})

describe(`the placement law, with seed ${seed}`, () => {
  it("reads from git's diff what is in the files, in the form that GitHub gives it as well", () => {
    expect(parseGitDiff(changes.diffUnquoted)).toEqual(Either.right(files))
    const sections = changes.diff.split(/(?<=\n)(?=diff --git )/)
    expect(sections).toHaveLength(files.length)
    files.forEach((file, index) => {
      expect((file.status === "removed" ? changes.before : changes.after).has(file.path), file.path).toBe(
        true
      )
      const texts = file.hunks.flatMap(({ lines }) => lines.map((line) => textIn(file, line)))
      expect(file.hunks.flatMap(({ lines }) => lines.map(({ text }) => text))).toEqual(texts)
      const patch = /\n(@@ .*)\n$/s.exec(sections[index] ?? "")?.[1]
      expect(parseFile({ ...file, patch: Option.fromNullable(patch) }).hunks).toEqual(file.hunks)
    })
  })

  it("places every quote of lines of the new side, and exactly", () => {
    FastCheck.assert(
      FastCheck.property(somewhere, (at) => {
        const { file, lines, texts } = linesFrom(at, isOnNewSide)
        FastCheck.pre(!texts.every(isBlank))
        const found = mustResolve(file, mangle(texts, lines, unmangled))
        expect(found.how).toBe("exact")
        expect(linesAt(file, found)).toEqual(texts)
      }),
      runs(4000)
    )
  })

  it("places every quote of them that is mangled as models do it, up to white space", () => {
    FastCheck.assert(
      FastCheck.property(somewhere, mangling, (at, how) => {
        const { file, lines, texts } = linesFrom(at, isOnNewSide)
        FastCheck.pre(!texts.every(isBlank))
        const quote = mangle(texts, lines, how)
        const found = mustResolve(file, quote)
        const there = linesAt(file, found)
        expect(found.how).not.toBe("partial")
        const asQuoted = collapseAll(quote.split("\n"))
        expect([collapseAll(texts), asQuoted].map(withoutBlankEnds)).toContainEqual(
          withoutBlankEnds(collapseAll(there))
        )
        if (found.how === "exact" && how.whiteSpace === "as it is") {
          expect(`${quote}\n${texts.join("\n")}`).toContain(there.join("\n"))
        }
      }),
      runs(5000)
    )
  })

  it("places every quote with an ellipsis from its first line to its last", () => {
    const ellipsis = FastCheck.constantFrom("...", "…", "    // ...", "# …")
    FastCheck.assert(
      FastCheck.property(somewhere, ellipsis, FastCheck.boolean(), (at, left, isTrimmed) => {
        const { file, texts } = linesFrom({ ...at, length: at.length + 2 }, isOnNewSide)
        const [first, last] = [texts[0] ?? "", texts.at(-1) ?? ""]
        const isUsable = texts.length > 2 && !isBlank(first) && !isBlank(last) && isLong(first + last)
        FastCheck.pre(isUsable && !texts.some(isEllipsis))
        const quote = [first, left, last].map((text) => (isTrimmed ? text.trim() : text)).join("\n")
        const there = linesAt(file, mustResolve(file, quote))
        expect(collapseAll([there[0] ?? "", there.at(-1) ?? ""])).toEqual(collapseAll([first, last]))
      }),
      runs(1500)
    )
  })

  it("places every long part of a line on a line that has it", () => {
    FastCheck.assert(
      FastCheck.property(somewhere, FastCheck.nat(200), FastCheck.nat(60), (at, from, length) => {
        const { file, texts } = linesFrom({ ...at, length: 1 }, isOnNewSide)
        const [text = ""] = texts
        const start = from % (text.length + 1)
        const part = text.slice(start, start + 8 + length)
        FastCheck.pre(isLong(part))
        const there = linesAt(file, mustResolve(file, part))
        expect(there).toHaveLength(1)
        expect(overlap(collapse(there[0] ?? ""), collapse(part))).toBe(true)
      }),
      runs(1500)
    )
  })

  it("places quotes with removed lines where these stood", () => {
    FastCheck.assert(
      FastCheck.property(
        somewhere,
        FastCheck.constantFrom<["none", "markers"]>("none", "markers"),
        (at, prefix) => {
          const { file, hunk, lines, texts } = linesFrom(at, () => true)
          if (!lines.some(({ kind }) => kind === "removed")) return
          if (!isLong(texts.join("")) || !hunk.lines.some(isOnNewSide)) return
          const found = mustResolve(file, mangle(texts, lines, { ...unmangled, prefix }))
          const around = collapseAll(aroundAt(file, found))
          const [there = ""] = collapseAll(linesAt(file, found))
          // Where it begins with a fence, that may as well be the model's own.
          const quoted = withoutFences(withoutBlankEnds(collapseAll(texts)))
          const isThere = quoted.every((text) => text === "" || around.includes(text))
          const isPart = texts.length === 1 && overlap(there, collapse(texts[0] ?? ""))
          expect(isThere || isPart || texts.some(isEllipsis)).toBe(true)
        }
      ),
      runs(2500)
    )
  })

  it("places nothing that is not there", () => {
    const lines = FastCheck.tuple(
      FastCheck.nat(1000),
      FastCheck.nat(1000),
      FastCheck.integer({ min: 1, max: 4 })
    )
    FastCheck.assert(
      FastCheck.property(somewhere, lines, (at, [source, start, count]) => {
        const { file, texts } = linesFrom(at, isOnNewSide)
        expect(resolved(file, [...texts, "never said by anybody"].join("\n"))).toEqual(Option.none())
        const foreign = sourceLines(source, start, count)
        const found = resolved(file, foreign.join("\n"))
        if (Option.isNone(found)) return
        const around = collapseAll(aroundAt(file, found.value)).filter((text) => text !== "")
        const quoted = collapseAll(foreign).filter((text) => text !== "")
        expect(quoted.some((text) => around.some((other) => other.includes(core(text))))).toBe(true)
        if (found.value.how !== "partial") {
          const there = collapseAll(linesAt(file, found.value)).filter((text) => text !== "")
          expect(there.every((text) => quoted.some((other) => other.includes(text)))).toBe(true)
        }
      }),
      runs(2500)
    )
  })
})
