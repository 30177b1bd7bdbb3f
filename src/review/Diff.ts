/** A changed file as the reviewer sees it: decoded, numbered, classified. */
import type { Option } from "effect"

export interface DiffLine {
  readonly kind: "context" | "added" | "removed"
  /** Line number before the change; none for an added line. */
  readonly oldLine: Option.Option<number>
  /** Line number after the change; none for a removed line. */
  readonly newLine: Option.Option<number>
  /** The text without its marker and without the line end. */
  readonly text: string
}

export interface Hunk {
  readonly oldStart: number
  readonly newStart: number
  readonly lines: ReadonlyArray<DiffLine>
}

export interface ChangedFile {
  readonly path: string
  readonly previousPath: Option.Option<string>
  readonly status: "added" | "removed" | "modified" | "renamed" | "copied" | "changed" | "unchanged"
  readonly additions: number
  readonly deletions: number
  /** Empty for binary files, for pure renames, and where GitHub gave no patch. */
  readonly hunks: ReadonlyArray<Hunk>
}
