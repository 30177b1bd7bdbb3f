/** A hunk as text to search in. */
import { Option } from "effect"
import type { DiffLine, Hunk } from "../Diff.ts"
import { collapse } from "../WhiteSpace.ts"

/** Some lines of a hunk, in its order. */
export interface HunkText {
  readonly lines: ReadonlyArray<DiffLine>
  /** What is compared: the text of each line, or what is left of it. */
  readonly texts: ReadonlyArray<string>
}

const textOf = (lines: ReadonlyArray<DiffLine>): HunkText => ({ lines, texts: lines.map(({ text }) => text) })

/** Context and added lines: their line numbers have no gaps. */
export const newSide = ({ lines }: Hunk): HunkText => textOf(lines.filter(({ kind }) => kind !== "removed"))

/** Context and removed lines. */
export const oldSide = ({ lines }: Hunk): HunkText => textOf(lines.filter(({ kind }) => kind !== "added"))

/** All lines, as they follow each other in the diff. */
export const bothSides = ({ lines }: Hunk): HunkText => textOf(lines)

/** The same without regard to white space. */
export const collapsed = ({ lines, texts }: HunkText): HunkText => ({ lines, texts: texts.map(collapse) })

/** Counts the added lines before an index. Made once, so that many places of many lines are compared quickly. */
export const addedBefore = (lines: ReadonlyArray<DiffLine>): ((index: number) => number) => {
  const counts = [0]
  let count = 0
  for (const { kind } of lines) {
    if (kind === "added") count++
    counts.push(count)
  }
  return (index) => counts[index] ?? count
}

/** Where a quote may stand: from one line to another, both of the new side of one hunk. */
export interface Place {
  readonly first: DiffLine | undefined
  readonly last: DiffLine | undefined
  /** How many of its lines the change adds. */
  readonly added: number
}

/** The same by number. */
export interface Stretch {
  readonly startLine: number
  readonly line: number
}

/** None when an end is missing or not of the new side. */
const stretch = ({ first, last }: Place): Option.Option<Stretch> =>
  Option.all({
    startLine: Option.flatMap(Option.fromNullable(first), ({ newLine }) => newLine),
    line: Option.flatMap(Option.fromNullable(last), ({ newLine }) => newLine)
  })

/** Of several places the one with the most added lines: a review is about the change. Of equal ones the first. */
export const bestOf = (places: ReadonlyArray<Place>): Option.Option<Stretch> => {
  const [first, ...others] = places
  if (first === undefined) return Option.none()
  return stretch(others.reduce((best, place) => (place.added > best.added ? place : best), first))
}
