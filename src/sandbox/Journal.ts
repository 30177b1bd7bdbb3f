/** Every request that the sandbox got and every answer that it gave, with a way to wait for one instead of sleeping. */
import { Clock, Effect } from "effect"
import { makeEntryLog } from "./EntryLog.ts"
import { pathPattern } from "./PathPattern.ts"

/**
 * How far an exchange has come. `received`: the request is read. `applied`: the state is changed, or the reading done;
 * an answer that is held back stays here. `finished`: answered, or cut off for good.
 */
type Stage = "received" | "applied" | "finished"

const order: { readonly [S in Stage]: number } = { received: 0, applied: 1, finished: 2 }

export interface JournalAnswer {
  readonly status: number
  readonly headers: { readonly [name: string]: string }
  readonly body: unknown
}

export interface JournalEntry {
  /** Counted from 1, in the order of arrival. */
  readonly sequence: number
  readonly method: string
  /** Without the query. */
  readonly path: string
  /** As in `?per_page=100`, or empty. */
  readonly query: string
  /** In lower case; credentials are left out. */
  readonly headers: { readonly [name: string]: string }
  readonly body: unknown
  /** Milliseconds since 1970, by the real clock. */
  readonly receivedAt: number
  /** The login that the request came from; `app` for the app's JWT, empty where the credentials were no good. */
  readonly viewer: string
  /** The installation whose token it came with; undefined where it came with none. */
  readonly installation: number | undefined
  readonly stage: Stage
  /** Whether the operation ran: false when a fault or the lack of rights stopped it. */
  readonly applied: boolean
  /** The fault that it met. */
  readonly fault: string | undefined
  /** Undefined until answered, and for ever when the answer was lost. */
  readonly answer: JournalAnswer | undefined
}

interface RequestMatch {
  readonly method?: string
  /** In the notation of `PathPattern`. */
  readonly path?: string
  /** Which of the matching ones, from 1; the first when absent. */
  readonly nth?: number
  /** Only requests later than this one. */
  readonly after?: number
  /** `finished` when absent. */
  readonly stage?: Stage
}

export interface Journal {
  readonly entries: Effect.Effect<ReadonlyArray<JournalEntry>>
  /** Waits for as long as it takes. */
  readonly awaitRequest: (match: RequestMatch) => Effect.Effect<JournalEntry>
  readonly clear: Effect.Effect<void>
  /** For the exchange: a new line. */
  readonly open: (
    request: Pick<JournalEntry, "method" | "path" | "query" | "headers" | "body">
  ) => Effect.Effect<number>
  /** For the exchange: what became of it. */
  readonly note: (sequence: number, news: Partial<JournalEntry>) => Effect.Effect<void>
}

const secretHeaders = new Set(["authorization", "cookie", "proxy-authorization"])

/** Headers that may be shown. */
export const withoutCredentials = (headers: {
  readonly [name: string]: string
}): { readonly [name: string]: string } =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !secretHeaders.has(name.toLowerCase())))

const finder = (match: RequestMatch) => {
  const pattern = match.path === undefined ? undefined : pathPattern(match.path)
  return (entries: ReadonlyArray<JournalEntry>): JournalEntry | undefined => {
    const matching = entries.filter(
      (entry) =>
        (match.method === undefined || entry.method === match.method.toUpperCase()) &&
        (pattern === undefined || pattern.match(entry.path) !== undefined) &&
        entry.sequence > (match.after ?? 0) &&
        order[entry.stage] >= order[match.stage ?? "finished"]
    )
    return matching[(match.nth ?? 1) - 1]
  }
}

export const makeJournal: Effect.Effect<Journal> = Effect.map(makeEntryLog<JournalEntry>(), (log) => ({
  entries: log.entries,
  clear: log.clear,
  awaitRequest: (match) => log.awaitEntry(finder(match)),
  open: (request) =>
    Effect.flatMap(Clock.currentTimeMillis, (receivedAt) =>
      log.append((sequence) => ({
        sequence,
        ...request,
        receivedAt,
        viewer: "",
        installation: undefined,
        stage: "received",
        applied: false,
        fault: undefined,
        answer: undefined
      }))
    ),
  note: log.note
}))
