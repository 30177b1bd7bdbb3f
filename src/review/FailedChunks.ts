/** What the coverage becomes when the model could not review some of the chunks. */

import type { Chunk } from "./Chunker.ts"
import { type Coverage, type CoverageEntry, skipped, withReason } from "./Coverage.ts"

export interface FailedChunk {
  readonly chunk: Chunk
  /** Why, in a few words. */
  readonly detail: string
}

const holds = (chunk: Chunk, path: string): boolean => chunk.files.some((file) => file.path === path)

/** A file that stands in failed chunks only was not reviewed; one that also stands in others was, in part. */
export const withFailedChunks = (
  coverage: Coverage,
  chunks: ReadonlyArray<Chunk>,
  failed: ReadonlyArray<FailedChunk>
): Coverage => {
  const failedKeys = new Set(failed.map(({ chunk }) => chunk.key))
  return coverage.map((entry): CoverageEntry => {
    if (entry._tag === "Unlisted") return entry
    const failure = failed.find(({ chunk }) => holds(chunk, entry.path))
    if (failure === undefined) return entry
    const answered = chunks.some((chunk) => !failedKeys.has(chunk.key) && holds(chunk, entry.path))
    const reason = { _tag: "ModelFailed", detail: failure.detail } as const
    return answered ? withReason(entry, reason) : skipped(entry.path, reason)
  })
}
