/**
 * What an unfinished merge leaves in a file: https://git-scm.com/docs/git-merge#_how_conflicts_are_presented
 *
 * A line of seven equals signs alone is a heading in Markdown and reStructuredText, and ">>>>>>> text" can be a quotation,
 * so a finding needs a beginning. In prose it needs all of the block, and not inside of a code block.
 */
import { Effect, Option } from "effect"
import type { DiffLine, Hunk } from "../../review/Diff.ts"
import { isDocumentation } from "../../review/FileFilter/Names.ts"
import type { Finding } from "../../review/Finding.ts"
import { newSide, type Rule } from "./Rule.ts"

const begins = /^<{7}( \S.*)?$/
const base = /^\|{7}( \S.*)?$/
const separates = /^={7}$/
const ends = /^>{7}( \S.*)?$/
/** Git writes what is merged behind the marker; other tools may not. */
const beginsWithLabel = /^<{7} \S/
const endsWithLabel = /^>{7} \S/

interface Block {
  readonly start: number
  readonly end: number
  readonly whole: boolean
}

/** Code blocks in prose, where a conflict is being explained. */
const fencedLines = (lines: ReadonlyArray<DiffLine>): ReadonlyArray<boolean> => {
  let inside = false
  return lines.map(({ text }) => {
    const fence = /^\s*(```|~~~)/.test(text)
    if (fence) inside = !inside
    return inside || fence
  })
}

const blocksOf = (hunk: Hunk, prose: boolean): ReadonlyArray<Block> => {
  const lines = newSide(hunk)
  const fenced = prose ? fencedLines(lines) : []
  const blocks: Array<Block> = []
  let start = Option.none<{
    readonly line: number
    readonly separated: boolean
    readonly labelled: boolean
  }>()
  const giveUp = (): void => {
    if (Option.isSome(start) && start.value.labelled) {
      blocks.push({ start: start.value.line, end: start.value.line, whole: false })
    }
    start = Option.none()
  }
  lines.forEach((line, index) => {
    const at = Option.getOrUndefined(line.newLine)
    if (line.kind !== "added" || at === undefined || fenced[index] === true) return
    if (begins.test(line.text)) {
      giveUp()
      start = Option.some({ line: at, separated: false, labelled: beginsWithLabel.test(line.text) })
    } else if (separates.test(line.text) || base.test(line.text)) {
      start = Option.map(start, (open) => ({
        ...open,
        separated: open.separated || separates.test(line.text)
      }))
    } else if (ends.test(line.text)) {
      if (Option.isSome(start) && start.value.separated) {
        blocks.push({ start: start.value.line, end: at, whole: true })
        start = Option.none()
      } else if (Option.isNone(start) && endsWithLabel.test(line.text)) {
        blocks.push({ start: at, end: at, whole: false })
      }
    }
  })
  giveUp()
  return prose ? blocks.filter((block) => block.whole) : blocks
}

const finding = (path: string, block: Block, prose: boolean): Finding => ({
  path,
  line: Option.some(block.end),
  startLine: block.end === block.start ? Option.none() : Option.some(block.start),
  severity: prose ? "medium" : "high",
  rule: "conflict-marker",
  title: block.whole ? "A merge conflict is committed unresolved" : "A marker of a merge conflict is left",
  message:
    "These are git's marks of a merge conflict. Keep the lines that are meant, and remove the marks and the other side; " +
    "as it stands the file holds both.",
  suggestion: Option.none()
})

export const conflictMarker: Rule = {
  name: "conflict-marker",
  check: (file) =>
    Effect.sync(() => {
      const prose = isDocumentation(file.path)
      return file.hunks.flatMap((hunk) =>
        blocksOf(hunk, prose).map((block) => finding(file.path, block, prose))
      )
    })
}
