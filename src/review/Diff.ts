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
  /** Number that the first line has, or would have, before the change. */
  readonly oldStart: number
  /** Number that the first line has, or would have, after the change. */
  readonly newStart: number
  readonly lines: ReadonlyArray<DiffLine>
}

/** How much of a change the hunks show. What is missing is never passed over in silence. */
export type Completeness =
  /** All of it. */
  | { readonly _tag: "Whole" }
  /** Some of it; the hunks that are there are right. */
  | { readonly _tag: "Cut"; readonly reason: string }
  /** None of it: no patch was given, because the file is binary, empty, unchanged or too large. */
  | { readonly _tag: "Missing" }
  /** None of it: git itself said that the file is binary. */
  | { readonly _tag: "Binary" }
  /** None of it: there was a patch, but it makes no sense. */
  | { readonly _tag: "Unreadable"; readonly reason: string }

export type FileStatus = "added" | "removed" | "modified" | "renamed" | "copied" | "changed" | "unchanged"

export interface ChangedFile {
  readonly path: string
  readonly previousPath: Option.Option<string>
  readonly status: FileStatus
  readonly additions: number
  readonly deletions: number
  /** In the order of the file. Empty unless `completeness` is `Whole` or `Cut`. */
  readonly hunks: ReadonlyArray<Hunk>
  readonly completeness: Completeness
}
