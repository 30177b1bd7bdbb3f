/**
 * Which lines of a diff GitHub takes a comment on.
 *
 * The rule: a comment's line, on the side RIGHT, is an added line or a context line inside a hunk of the diff; on
 * several lines, both ends lie in the same hunk and the first comes before the last
 * (https://docs.github.com/en/rest/pulls/comments#create-a-review-comment-for-a-pull-request). One comment that breaks it
 * makes GitHub refuse the whole review with 422 and one of "Pull request review thread line must be part of the diff",
 * "… start line must be part of the same hunk as the line", "… start line must precede the end line"
 * (as in https://github.com/parkerbxyz/suggest-changes/issues/28 and /pull/31).
 */
import { Option } from "effect"
import type { ChangedFile, DiffLine } from "./Diff.ts"

/** A line of the new side that can bear a comment. */
export interface CommentableLine {
  /** Index of the hunk in its file. A comment on several lines must stay within one hunk. */
  readonly hunk: number
  readonly line: DiffLine
}

/** The commentable lines of a diff, by path and line number after the change. */
export type Commentable = ReadonlyMap<string, ReadonlyMap<number, CommentableLine>>

/** Takes all files of the diff of the exact commit that the review will name. */
export const commentable = (files: ReadonlyArray<ChangedFile>): Commentable => {
  const byPath = new Map<string, Map<number, CommentableLine>>()
  for (const file of files) {
    const lines = byPath.get(file.path) ?? new Map<number, CommentableLine>()
    file.hunks.forEach((hunk, index) => {
      for (const line of hunk.lines) {
        if (Option.isSome(line.newLine)) lines.set(line.newLine.value, { hunk: index, line })
      }
    })
    if (lines.size > 0) byPath.set(file.path, lines)
  }
  return byPath
}

/** The line, when a comment can stand on it. */
export const lineAt = (lines: Commentable, path: string, line: number): Option.Option<CommentableLine> =>
  Option.fromNullable(lines.get(path)?.get(line))

/** Whether GitHub takes a comment on `startLine`…`line`. For one line give it twice. */
export const isCommentable = (lines: Commentable, path: string, startLine: number, line: number): boolean => {
  if (startLine > line) return false
  const first = lineAt(lines, path, startLine)
  const last = lineAt(lines, path, line)
  return Option.isSome(first) && Option.isSome(last) && first.value.hunk === last.value.hunk
}
