/** A rule: looks at what a change adds and says what is certainly, or very probably, not meant to be there. */
import { Effect, Option } from "effect"
import type { ChangedFile, DiffLine, Hunk } from "../../review/Diff.ts"
import type { Finding, Severity } from "../../review/Finding.ts"
import { maskLines } from "./MaskedCode.ts"

export interface Rule {
  readonly name: string
  /** The file may be a part of a file. */
  readonly check: (file: ChangedFile) => Effect.Effect<ReadonlyArray<Finding>>
}

/** An added line as a rule sees it. */
export interface AddedLine {
  readonly path: string
  readonly number: number
  readonly text: string
  /**
   * The text with what stands in strings and comments blanked out, at the same columns; the quotes stay. As far as the
   * hunk tells: what began before it is not known.
   */
  readonly code: string
  /** The line before it after the change, as far as the hunk shows it. */
  readonly previous: Option.Option<{ readonly text: string; readonly code: string }>
}

/** What a rule says of a line. */
export interface Hit {
  readonly rule: string
  readonly severity: Severity
  readonly title: string
  readonly message: string
  /** The whole line as it should be; empty to delete it. */
  readonly suggestion?: string
}

/** A finding on one line. */
export const findingAt = (path: string, line: number, hit: Hit): Finding => ({
  path,
  line: Option.some(line),
  startLine: Option.none(),
  severity: hit.severity,
  rule: hit.rule,
  title: hit.title,
  message: hit.message,
  suggestion: Option.fromNullable(hit.suggestion)
})

/** The lines of a hunk as they are after the change. */
export const newSide = (hunk: Hunk): ReadonlyArray<DiffLine> =>
  hunk.lines.filter((line) => line.kind !== "removed")

const addedLines = (file: ChangedFile): ReadonlyArray<AddedLine> =>
  file.hunks.flatMap((hunk) => {
    const lines = newSide(hunk)
    const masked = maskLines(
      lines.map((line) => line.text),
      file.path
    )
    return lines.flatMap((line, index) => {
      const previous = lines[index - 1]
      return line.kind === "added" && Option.isSome(line.newLine)
        ? [
            {
              path: file.path,
              number: line.newLine.value,
              text: line.text,
              code: masked[index] ?? "",
              previous: Option.map(Option.fromNullable(previous), ({ text }) => ({
                text,
                code: masked[index - 1] ?? ""
              }))
            }
          ]
        : []
    })
  })

/** A rule that looks at each added line by itself. */
export const lineRule = (
  name: string,
  /** Whether it has anything to say about such files. */
  concerns: (path: string) => boolean,
  check: (line: AddedLine) => Option.Option<Hit>
): Rule => ({
  name,
  check: (file) =>
    Effect.sync(() =>
      concerns(file.path)
        ? addedLines(file).flatMap((line) =>
            Option.toArray(Option.map(check(line), (hit) => findingAt(line.path, line.number, hit)))
          )
        : []
    )
})
