/** What can be said of a change without a model. It costs nothing, so it runs before every model. */
import { Context, type Effect } from "effect"
import type { ChangedFile } from "./Diff.ts"
import type { Finding } from "./Finding.ts"

export class ReviewRules extends Context.Tag("holdfast/ReviewRules")<
  ReviewRules,
  {
    /** All rules about the lines that a change adds. The files may be parts of files, as they are in a chunk. */
    readonly reviewLines: (files: ReadonlyArray<ChangedFile>) => Effect.Effect<ReadonlyArray<Finding>>
    /**
     * Only secrets. For the files that are left out of the review: a generated or vendored file may be boring, but a key
     * in it opens what it opens.
     */
    readonly scanSecrets: (files: ReadonlyArray<ChangedFile>) => Effect.Effect<ReadonlyArray<Finding>>
    /**
     * Rules about files as such: keys, environment files, large binaries and the like. Takes all files of the pull
     * request.
     *
     * @param sizes bytes of files at the head commit, by path, as far as they are known
     */
    readonly reviewFiles: (
      files: ReadonlyArray<ChangedFile>,
      sizes: ReadonlyMap<string, number>
    ) => Effect.Effect<ReadonlyArray<Finding>>
  }
>() {}
