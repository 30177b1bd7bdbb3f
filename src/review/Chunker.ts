/**
 * Packs the files to be reviewed into chunks, each for one call of a model. Pure and deterministic: after a restart
 * the same files give the same chunks with the same keys, so that an answer that was paid for is found again.
 */
import { createHash } from "node:crypto"
import { Effect } from "effect"
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

/** Files on their way into chunks, in the order of their importance. */
class Packing {
  readonly #limits: ChunkLimits
  readonly #chunks: Array<Chunk> = []
  readonly #coverage: Array<FileCoverage> = []
  #open = new OpenChunk()
  #spent = 0
  #isFull = false

  constructor(limits: ChunkLimits) {
    this.#limits = limits
  }

  /** Whether the limit on all tokens is reached: nothing of the files that come now gets into a chunk. */
  get isFull(): boolean {
    return this.#isFull
  }

  add(file: ChangedFile): void {
    const { chunkTokens, count, maxTokens } = this.#limits
    // Counting takes most of the time: what comes after the limit isn't counted any more.
    const cut: Pieces = this.#isFull ? none : piecesOf(file, chunkTokens, count)
    const { pieces, tooLong } = cut
    const whole = pieces.reduce((sum, piece) => sum + piece.tokens, 0)
    if (whole <= chunkTokens && this.#open.tokens + whole > chunkTokens) this.#close()
    let reviewedLines = 0
    for (const piece of pieces) {
      this.#isFull = this.#isFull || this.#spent + piece.tokens > maxTokens
      if (this.#isFull) break
      if (this.#open.tokens + piece.tokens > chunkTokens) this.#close()
      this.#open.add(piece)
      this.#spent += piece.tokens
      reviewedLines += piece.hunk.lines.length
    }
    this.#coverage.push(entryOf(file, this.#limits, { reviewedLines, tooLong, stopped: this.#isFull }))
  }

  end(): Chunked {
    this.#close()
    return { chunks: this.#chunks, coverage: this.#coverage }
  }

  #close(): void {
    if (this.#open.tokens > 0) this.#chunks.push(this.#open.close())
    this.#open = new OpenChunk()
  }
}

/**
 * Packs the files in the given order, which is that of their importance. A file stays whole if a chunk can hold it,
 * else it is split between its hunks, and a hunk that is too large between its lines. Where the limit on all tokens is
 * reached, the rest is left out and the coverage says so.
 */
export const chunkFiles = (files: ReadonlyArray<ChangedFile>, limits: ChunkLimits): Chunked => {
  const packing = new Packing(limits)
  for (const file of files) packing.add(file)
  return packing.end()
}

/**
 * The same for the files as `show` shows them, which takes much longer than to pack them: what comes after the limit is
 * not shown any more.
 */
export const chunkShown = (
  files: ReadonlyArray<ChangedFile>,
  limits: ChunkLimits,
  show: (file: ChangedFile) => Effect.Effect<ChangedFile>
): Effect.Effect<Chunked> =>
  Effect.suspend(() => {
    const packing = new Packing(limits)
    const add = (file: ChangedFile) => Effect.sync(() => packing.add(file))
    return Effect.forEach(
      files,
      (file) => Effect.suspend(() => (packing.isFull ? add(file) : Effect.flatMap(show(file), add))),
      { discard: true }
    ).pipe(Effect.map(() => packing.end()))
  })
