/** How the jobs commands print: tables for people, one document for programs, one sentence for a refusal. */
import { Console, DateTime, Effect, Option, ParseResult } from "effect"
import type { AlreadyFinished, NoSuchJob, NotRetryable } from "../../queue/JobError.ts"
import { CommandFailed, Told } from "../Failure.ts"

/** The same as plain data: options as the value or null, times in ISO 8601. */
const plain = (value: unknown): unknown => {
  if (Option.isOption(value)) return plain(Option.getOrNull(value))
  if (DateTime.isDateTime(value)) return DateTime.formatIso(value)
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]))
}

export const encodeJson = (value: unknown): string => JSON.stringify(plain(value))

export const json = (document: unknown) => Console.log(encodeJson(document))

/**
 * One line without what a terminal would obey: titles and messages are other people's. Besides control characters these
 * are the ones that turn the direction of text (https://www.unicode.org/reports/tr9/).
 */
export const printable = (text: string): string =>
  text.replaceAll(/[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\s]+/gu, " ").trim()

/** Columns as wide as their widest cell. */
export const table = (rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const cells = rows.map((row) => row.map(printable))
  const widths = (cells[0] ?? []).map((_, column) =>
    Math.max(...cells.map((row) => (row[column] ?? "").length))
  )
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd()
    )
    .join("\n")
}

/** Says why an operator's wish was refused, and ends with 1. */
export const refused = (asJson: boolean) => (refusal: NoSuchJob | NotRetryable | AlreadyFinished) =>
  Effect.gen(function* () {
    const { _tag: error, message } = refusal
    if (asJson) yield* json({ error, message })
    yield* Console.error(message)
    return yield* new Told({ exitCode: 1 })
  })

/** A row that can't be read kills what reads it; here that is no bug, but something that the operator has to know. */
export const explainUnreadable = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.catchSomeDefect(effect, (defect) =>
    ParseResult.isParseError(defect)
      ? Option.some(
          new CommandFailed({
            message:
              "What the database holds of this job can't be read by this version of Holdfast; `holdfast jobs audit` says why."
          })
        )
      : Option.none()
  )
