/**
 * Packs the files to be reviewed into chunks, each for one call of a model. Pure and deterministic: after a restart
 * the same files give the same chunks with the same keys, so that an answer that was paid for is found again.
 */
import { createHash } from "node:crypto"
import { type Piece, type Pieces, piecesOf } from "./Chunker/Pieces.ts"
import { type FileCoverage, reviewed, skipped, withReason } from "./Coverage.ts"
import type { ChangedFile, Hunk } from "./Diff.ts"
import type { TokenCounter } from "./Tokens.ts"

/** A part of the diff that is reviewed in one call: some files, each with some of its hunks. */
export interface Chunk {
  /** The same for the same content, also after a restart. Different for different content. */
  readonly key: string
  readonly files: ReadonlyArray<ChangedFile>
  /** Estimated size in tokens. */
  readonly tokens: number
}

export interface ChunkLimits {
  /** How many tokens of diff fit into one chunk. */
  readonly chunkTokens: number
  /** How many tokens of diff are reviewed in all. */
  readonly maxTokens: number
  readonly count: TokenCounter
}

export interface Chunked {
  readonly chunks: ReadonlyArray<Chunk>
  /** One entry for each file, in the order of the files. */
  readonly coverage: ReadonlyArray<FileCoverage>
}

/** Names a chunk by all that a model sees of it. */
const keyOf = (files: ReadonlyArray<ChangedFile>): string => {
  const hash = createHash("sha256")
  for (const file of files) {
    hash.update(JSON.stringify([file.path, file.status]))
    for (const hunk of file.hunks) {
      const lines = hunk.lines.map((line) => [line.kind, line.text])
      hash.update(JSON.stringify([hunk.oldStart, hunk.newStart, lines]))
    }
  }
  return hash.digest("hex").slice(0, 32)
}

/** Collects pieces and puts those of one file together again. */
class OpenChunk {
  readonly #files: Array<{ readonly file: ChangedFile; readonly hunks: Array<Hunk> }> = []
  tokens = 0

  add(piece: Piece): void {
    const last = this.#files.at(-1)
    if (last !== undefined && last.file === piece.file) last.hunks.push(piece.hunk)
    else this.#files.push({ file: piece.file, hunks: [piece.hunk] })
    this.tokens += piece.tokens
  }

  close(): Chunk {
    const files = this.#files.map(({ file, hunks }) => ({ ...file, hunks }))
    return { key: keyOf(files), files, tokens: this.tokens }
  }
}

const entryOf = (
  file: ChangedFile,
  limits: ChunkLimits,
  seen: { readonly reviewedLines: number; readonly tooLong: number; readonly stopped: boolean }
): FileCoverage => {
  const lines = file.hunks.reduce((sum, hunk) => sum + hunk.lines.length, 0)
  const { maxTokens } = limits
  if (seen.reviewedLines === 0 && seen.stopped)
    return skipped(file.path, { _tag: "OverTokenLimit", maxTokens })
  if (seen.reviewedLines === 0 && seen.tooLong > 0) {
    return skipped(file.path, { _tag: "Unreadable", detail: "its lines are too long" })
  }
  let entry = reviewed(file.path)
  if (file.completeness._tag === "Cut") {
    entry = withReason(entry, { _tag: "DiffCut", detail: file.completeness.reason })
  }
  if (seen.stopped) {
    const { reviewedLines } = seen
    entry = withReason(entry, { _tag: "OverTokenLimit", maxTokens, reviewedLines, lines })
  }
  return seen.tooLong > 0 ? withReason(entry, { _tag: "LinesTooLong", lines: seen.tooLong }) : entry
}

const none: Pieces = { pieces: [], tooLong: 0 }

/**
 * Packs the files in the given order, which is that of their importance. A file stays whole if a chunk can hold it,
 * else it is split between its hunks, and a hunk that is too large between its lines. Where the limit on all tokens is
 * reached, the rest is left out and the coverage says so.
 */
export const chunkFiles = (files: ReadonlyArray<ChangedFile>, limits: ChunkLimits): Chunked => {
  const chunks: Array<Chunk> = []
  const coverage: Array<FileCoverage> = []
  let open = new OpenChunk()
  let spent = 0
  let stopped = false
  const closeChunk = (): void => {
    if (open.tokens > 0) chunks.push(open.close())
    open = new OpenChunk()
  }
  for (const file of files) {
    // Counting takes most of the time: what comes after the limit isn't counted any more.
    const cut: Pieces = stopped ? none : piecesOf(file, limits.chunkTokens, limits.count)
    const { pieces, tooLong } = cut
    const whole = pieces.reduce((sum, piece) => sum + piece.tokens, 0)
    if (whole <= limits.chunkTokens && open.tokens + whole > limits.chunkTokens) closeChunk()
    let reviewedLines = 0
    for (const piece of pieces) {
      stopped = stopped || spent + piece.tokens > limits.maxTokens
      if (stopped) break
      if (open.tokens + piece.tokens > limits.chunkTokens) closeChunk()
      open.add(piece)
      spent += piece.tokens
      reviewedLines += piece.hunk.lines.length
    }
    coverage.push(entryOf(file, limits, { reviewedLines, tooLong, stopped }))
  }
  closeChunk()
  return { chunks, coverage }
}
