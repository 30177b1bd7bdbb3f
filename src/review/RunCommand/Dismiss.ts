/** `dismiss`: a person says of findings that they are none. */
import { Effect } from "effect"
import type { Command } from "../../github/Command.ts"
import type { InstallationClient } from "../../github/Github.ts"
import { type Claimed, JobStore } from "../../queue/JobStore.ts"
import { Dismissals } from "../Dismissals.ts"
import { ownThreads } from "../Earlier.ts"
import { findingName } from "../Marker.ts"
import { ReviewLog } from "../ReviewLog.ts"
import { answered } from "./Outcome.ts"

/** Resolving takes a permission that the App may not have; the threads stay open then. Tells whether they are resolved. */
const resolveAll = (client: InstallationClient, threads: ReadonlyArray<string>) =>
  Effect.forEach(threads, (id) => client.resolveThread(id), { discard: true }).pipe(
    Effect.as(true),
    Effect.catchTags({ Forbidden: () => Effect.succeed(false), NotFound: () => Effect.succeed(false) })
  )

const list = (names: ReadonlyArray<string>): string => names.map((name) => `\`${name}\``).join(", ")

const say = (told: {
  readonly dismissed: ReadonlyArray<string>
  readonly ambiguous: number
  readonly unknown: number
  readonly resolved: boolean
}): string => {
  const { ambiguous, dismissed, resolved, unknown } = told
  const howTo =
    "A finding is named by the eight hex digits in its comment, or by the first six of them; in its own conversation it needs no name."
  return [
    ...(dismissed.length === 0
      ? ["Nothing was dismissed."]
      : [
          `Dismissed: ${list(dismissed)}. Later reviews of this pull request leave ${dismissed.length === 1 ? "it" : "them"} out. The check run changes with the next review; comment \`/holdfast review full\` for one now.`
        ]),
    ...(resolved ? [] : ["The conversations stay open: the App lacks the permission to resolve them."]),
    ...(unknown === 0 ? [] : [`${unknown} of the names fit no finding on this pull request. ${howTo}`]),
    ...(ambiguous === 0
      ? []
      : [`${ambiguous} of the names fit more than one finding; give more of their digits.`]),
    ...(dismissed.length + unknown + ambiguous === 0 ? [howTo] : [])
  ].join("\n\n")
}

/** Who dismisses what. */
export interface Dismissing {
  readonly command: Command
  readonly login: string
  /** The first comment of the thread that this is said in; null outside of threads. */
  readonly thread: number | null
}

export const dismiss = Effect.fn("RunCommand.dismiss")(function* (
  client: InstallationClient,
  { job, lease }: Claimed,
  { command: { findings, misnamed }, login, thread }: Dismissing
) {
  const store = yield* JobStore
  const log = yield* ReviewLog
  const dismissals = yield* Dismissals
  const ownLogin = yield* client.ownLogin
  const conversations = yield* client.listThreads(job.subject)
  const threads = ownThreads(conversations, ownLogin)
  const { posted } = yield* log.recall(job.subject)
  // A thread may tell of a review that could not be recorded.
  const known = [...new Set([...posted, ...threads].map(({ fingerprint }) => fingerprint))]
  const fitting = findings.map((name) => known.filter((fingerprint) => fingerprint.startsWith(name)))
  const here = ownThreads(
    conversations.filter(({ comments }) => comments[0]?.id === thread),
    ownLogin
  ).map(({ fingerprint }) => fingerprint)
  const isNamed = findings.length + misnamed > 0
  const meant = [...new Set(isNamed ? fitting.flatMap((found) => (found.length === 1 ? found : [])) : here)]

  yield* store.check(lease)
  yield* Effect.forEach(meant, (fingerprint) => dismissals.dismiss(job.subject, fingerprint, login), {
    discard: true
  })
  const open = threads.filter(({ fingerprint, isResolved }) => !isResolved && meant.includes(fingerprint))
  const resolved = yield* resolveAll(
    client,
    open.map(({ id }) => id)
  )
  return answered(
    say({
      dismissed: meant.map(findingName),
      ambiguous: fitting.filter(({ length }) => length > 1).length,
      unknown: misnamed + fitting.filter(({ length }) => length === 0).length,
      resolved
    })
  )
})
