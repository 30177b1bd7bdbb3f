/** Every question that the sandbox got and every answer that it gave. */
import { Clock, Effect } from "effect"
import { makeEntryLog } from "../EntryLog.ts"
import type { ModelFault } from "./ModelFaults.ts"
import type { Question, Vendor } from "./Question.ts"
import type { ModelAnswer } from "./WireFormat.ts"

/** `received`: the request is read and understood. `finished`: answered, refused, or cut off for good. */
type Stage = "received" | "finished"

export interface ModelJournalEntry {
  /** Counted from 1, in the order of arrival. */
  readonly sequence: number
  /** Without the query. */
  readonly path: string
  /** Undefined where nobody lives at the path. */
  readonly vendor: Vendor | undefined
  /** Whether the key was the sandbox's own. Of the key itself nothing is kept. */
  readonly expectedKey: boolean
  /** Undefined when the request was refused before it came to a question. */
  readonly question: Omit<Question, "apiKey"> | undefined
  /** Milliseconds since 1970, by the real clock. */
  readonly receivedAt: number
  readonly stage: Stage
  /** The fault that it met, by a rule or by the script. */
  readonly fault: ModelFault["_tag"] | undefined
  /** Undefined until answered, and for ever when the connection was cut. */
  readonly answer: ModelAnswer | undefined
}

interface QuestionMatch {
  readonly vendor?: Vendor
  readonly model?: string
  /** Which of the matching ones, from 1; the first when absent. */
  readonly nth?: number
  /** Only requests later than this one. */
  readonly after?: number
  /** `finished` when absent. */
  readonly stage?: Stage
}

export interface ModelJournal {
  readonly entries: Effect.Effect<ReadonlyArray<ModelJournalEntry>>
  /** Waits for as long as it takes. Requests that were refused before they came to a question don't count. */
  readonly awaitQuestion: (match?: QuestionMatch) => Effect.Effect<ModelJournalEntry>
  readonly clear: Effect.Effect<void>
  /** For the exchange: a new line. */
  readonly open: (
    request: Pick<ModelJournalEntry, "path" | "vendor" | "expectedKey" | "question">
  ) => Effect.Effect<number>
  /** For the exchange: what became of it. */
  readonly note: (sequence: number, news: Partial<ModelJournalEntry>) => Effect.Effect<void>
}

const finder =
  (match: QuestionMatch) =>
  (entries: ReadonlyArray<ModelJournalEntry>): ModelJournalEntry | undefined =>
    entries.filter(
      (entry) =>
        entry.question !== undefined &&
        (match.vendor === undefined || entry.vendor === match.vendor) &&
        (match.model === undefined || entry.question.model === match.model) &&
        entry.sequence > (match.after ?? 0) &&
        (match.stage === "received" || entry.stage === "finished")
    )[(match.nth ?? 1) - 1]

export const makeModelJournal: Effect.Effect<ModelJournal> = Effect.map(
  makeEntryLog<ModelJournalEntry>(),
  (log) => ({
    entries: log.entries,
    clear: log.clear,
    awaitQuestion: (match = {}) => log.awaitEntry(finder(match)),
    open: (request) =>
      Effect.flatMap(Clock.currentTimeMillis, (receivedAt) =>
        log.append((sequence) => ({
          sequence,
          ...request,
          receivedAt,
          stage: "received",
          fault: undefined,
          answer: undefined
        }))
      ),
    note: log.note
  })
)
