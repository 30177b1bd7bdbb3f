/**
 * The diff between two trees as git would print it, computed without git: the demo must run where git is not
 * installed. Where git is there, the tests hold this against it.
 */
import { structuredPatch } from "diff"
import type { FileChange } from "./FileChange.ts"
import type { FileTree } from "./FileTree.ts"
import { blobId } from "./ObjectId.ts"
import { similarity } from "./Similarity.ts"

const contextLines = 3
/** Git's default for `-M`. */
const renameThreshold = 0.5
/** Git looks for a NUL in this many bytes to tell binary from text. */
const sniffedBytes = 8000
const decoder = new TextDecoder()

/** Whether git would call it binary. */
const isBinary = (content: Uint8Array): boolean => content.subarray(0, sniffedBytes).includes(0)

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0

/** Git repeats the nearest line above that starts like a declaration after the second `@@`. */
const sectionHeading = (oldLines: ReadonlyArray<string>, hunkStart: number): string => {
  for (let index = hunkStart - 2; index >= 0; index--) {
    const line = oldLines[index]
    if (line !== undefined && /^[A-Za-z_$]/.test(line)) return ` ${line.slice(0, 80).trimEnd()}`
  }
  return ""
}

const range = (start: number, lines: number): string => (lines === 1 ? `${start}` : `${start},${lines}`)

interface TextDiff {
  readonly additions: number
  readonly deletions: number
  readonly patch: string | undefined
}

/** The hunks between two texts, each with three lines of context. */
const textDiff = (before: Uint8Array, after: Uint8Array): TextDiff => {
  if (isBinary(before) || isBinary(after)) return { additions: 0, deletions: 0, patch: undefined }
  const oldText = decoder.decode(before)
  const { hunks } = structuredPatch("a", "b", oldText, decoder.decode(after), "", "", {
    context: contextLines
  })
  const oldLines = oldText.split("\n")
  let additions = 0
  let deletions = 0
  const printed = hunks.map((hunk) => {
    additions += hunk.lines.filter((line) => line.startsWith("+")).length
    deletions += hunk.lines.filter((line) => line.startsWith("-")).length
    // An empty side stands at line 0 in git's notation.
    const oldStart = hunk.oldLines === 0 ? hunk.oldStart - 1 : hunk.oldStart
    const newStart = hunk.newLines === 0 ? hunk.newStart - 1 : hunk.newStart
    const heading = sectionHeading(oldLines, hunk.oldStart)
    return [
      `@@ -${range(oldStart, hunk.oldLines)} +${range(newStart, hunk.newLines)} @@${heading}`,
      ...hunk.lines
    ].join("\n")
  })
  return { additions, deletions, patch: printed.length === 0 ? undefined : printed.join("\n") }
}

interface Rename {
  readonly from: string
  readonly to: string
  readonly score: number
}

/** Pairs removed files with added ones: identical content first, then the most alike. */
const findRenames = (before: FileTree, after: FileTree): ReadonlyMap<string, string> => {
  const removed = [...before].filter(([path]) => !after.has(path))
  const added = [...after].filter(([path]) => !before.has(path))
  const candidates: Array<Rename> = []
  for (const [to, newContent] of added) {
    for (const [from, oldContent] of removed) {
      if (newContent.length === 0 || oldContent.length === 0) continue
      const score = same(newContent, oldContent) ? 2 : similarity(oldContent, newContent)
      if (score >= renameThreshold) candidates.push({ from, to, score })
    }
  }
  const renames = new Map<string, string>()
  const taken = new Set<string>()
  for (const { from, to } of candidates.sort((a, b) => b.score - a.score || (a.to < b.to ? -1 : 1))) {
    if (renames.has(to) || taken.has(from)) continue
    renames.set(to, from)
    taken.add(from)
  }
  return renames
}

const nothing = new Uint8Array()

/** Every file that differs, in the order of git: by path. */
export const diffTrees = (before: FileTree, after: FileTree): ReadonlyArray<FileChange> => {
  const renames = findRenames(before, after)
  const renamedAway = new Set(renames.values())
  const changes: Array<FileChange> = []
  for (const [path, content] of before) {
    if (after.has(path) || renamedAway.has(path)) continue
    const blob = blobId(content)
    changes.push({ path, previousPath: undefined, status: "removed", blob, ...textDiff(content, nothing) })
  }
  for (const [path, content] of after) {
    const blob = blobId(content)
    const previousPath = renames.get(path)
    const source = before.get(previousPath ?? path)
    if (source === undefined) {
      changes.push({ path, previousPath, status: "added", blob, ...textDiff(nothing, content) })
    } else if (previousPath !== undefined) {
      changes.push({ path, previousPath, status: "renamed", blob, ...textDiff(source, content) })
    } else if (!same(source, content)) {
      changes.push({ path, previousPath, status: "modified", blob, ...textDiff(source, content) })
    }
  }
  return changes.sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)))
}
