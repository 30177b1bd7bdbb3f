/** One changed file of a diff, in the words of GitHub's `diff-entry`. */
export interface FileChange {
  readonly path: string
  /** Given for a renamed file. */
  readonly previousPath: string | undefined
  readonly status: "added" | "removed" | "modified" | "renamed" | "changed"
  /** The id of the content after the change, or before it for a removed file. */
  readonly blob: string
  readonly additions: number
  readonly deletions: number
  /** Hunks without file headers. Undefined for binary files, and where no line changed. */
  readonly patch: string | undefined
}
