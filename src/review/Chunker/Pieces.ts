/** Cuts a file into the largest pieces that fit into a chunk: whole hunks, or runs of lines of a hunk. */
import { Option } from "effect"
import type { ChangedFile, DiffLine, Hunk } from "../Diff.ts"
import type { TokenCounter } from "../Tokens.ts"

/** What goes into a chunk undivided. */
export interface Piece {
  readonly file: ChangedFile
  readonly hunk: Hunk
  readonly tokens: number
}

export interface Pieces {
  readonly pieces: ReadonlyArray<Piece>
  /** How many lines are longer than a chunk and stand in no piece. */
  readonly tooLong: number
}

/** Each piece may be shown under its file's name, and is shown under its own header, "@@ from line 12345 @@". */
const headerTokens = (file: ChangedFile, count: TokenCounter): number => count(file.path) + 16

/** Cuts a hunk's lines into runs that fit. Each run is a hunk of its own, and every line keeps its numbers. */
const runsOf = (hunk: Hunk, room: number, count: TokenCounter) => {
  const runs: Array<{ readonly hunk: Hunk; readonly tokens: number }> = []
  let tooLong = 0
  let lines: Array<DiffLine> = []
  let tokens = 0
  let start = { oldStart: hunk.oldStart, newStart: hunk.newStart }
  let next = start
  const close = (): void => {
    if (lines.length > 0) runs.push({ hunk: { ...start, lines }, tokens })
    lines = []
    tokens = 0
    start = next
  }
  for (const line of hunk.lines) {
    const cost = count(line.text)
    const fits = cost <= room
    if (!fits || tokens + cost > room) close()
    next = {
      oldStart: Option.match(line.oldLine, { onNone: () => next.oldStart, onSome: (at) => at + 1 }),
      newStart: Option.match(line.newLine, { onNone: () => next.newStart, onSome: (at) => at + 1 })
    }
    if (fits) {
      lines.push(line)
      tokens += cost
    } else {
      tooLong++
      start = next
    }
  }
  close()
  return { runs, tooLong }
}

/** @param chunkTokens the size of a chunk in tokens; no piece is larger */
export const piecesOf = (file: ChangedFile, chunkTokens: number, count: TokenCounter): Pieces => {
  const header = headerTokens(file, count)
  const pieces: Array<Piece> = []
  let tooLong = 0
  for (const hunk of file.hunks) {
    const cut = runsOf(hunk, chunkTokens - header, count)
    for (const run of cut.runs) pieces.push({ file, hunk: run.hunk, tokens: run.tokens + header })
    tooLong += cut.tooLong
  }
  return { pieces, tooLong }
}
