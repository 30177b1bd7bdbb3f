/** Where a line of a file is after the file was changed. */
import { structuredPatch } from "diff"

/** The line's number in `after`; undefined when it was changed or removed. Lines count from 1. */
export const followLine = (before: string, after: string, line: number): number | undefined => {
  const { hunks } = structuredPatch("a", "b", before, after, "", "", { context: 0 })
  let moved = 0
  for (const hunk of hunks) {
    if (line < hunk.oldStart) break
    if (line < hunk.oldStart + hunk.oldLines) return undefined
    moved += hunk.newLines - hunk.oldLines
  }
  return line + moved
}
