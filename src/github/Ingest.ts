/**
 * In one transaction a delivery's GUID is taken and what it asks for is done. No call to GitHub or a model is made in
 * here.
 */
import type * as SqlClient from "@effect/sql/SqlClient"
import * as Sql from "@effect/sql/SqlClient"
import type * as SqlError from "@effect/sql/SqlError"
import { Array as Arr, Data, Duration, Effect, Option } from "effect"
import * as Database from "../database/Database.ts"
import type { JobId } from "../queue/Job.ts"
import type { StoreUnavailable } from "../queue/JobError.ts"
import { JobStore } from "../queue/JobStore.ts"
import { checkRunsJob } from "./CheckRunsJob.ts"
import { type Decision, decide, type Source } from "./Decision.ts"
import * as Deliveries from "./Deliveries.ts"
import * as Installations from "./Installations.ts"
import { runAgainJobs } from "./RunAgain.ts"
import { type Delivery, type IncompleteEvent, type ReadDelivery, readDelivery } from "./WebhookEvent.ts"

/** What a delivery led to. */
export type Ingested = Data.TaggedEnum<{
  /** There is a job for it; `created` is false where it had been made before. */
  Job: { readonly id: JobId; readonly created: boolean }
  /** There is nothing for a worker to do. */
  Nothing: { readonly reason: string }
  /** The same delivery came before, and led to this. */
  Redelivered: { readonly outcome: string; readonly jobId: Option.Option<JobId> }
}>
export const Ingested = Data.taggedEnum<Ingested>()

/** Nothing was written, or nobody knows whether it was: in both cases the delivery may come again. */
export class IngestUnavailable extends Data.TaggedError("IngestUnavailable")<{ readonly message: string }> {}

/** GitHub gives up on a delivery after 10 seconds: https://docs.github.com/en/webhooks/using-webhooks/best-practices-for-using-webhooks */
const patience = Duration.seconds(8)

const nothing = (reason: string) => Ingested.Nothing({ reason })

const jobsAre = (ids: ReadonlyArray<JobId>) =>
  ids.length === 0 ? "no job was waiting" : `cancelled job ${ids.join(", ")}`

const apply = (
  decision: Decision,
  guid: string
): Effect.Effect<Ingested, SqlError.SqlError | StoreUnavailable, JobStore | SqlClient.SqlClient> =>
  Effect.gen(function* () {
    const store = yield* JobStore
    switch (decision._tag) {
      case "Enqueue": {
        const { created, id } = yield* store.enqueue(decision.job)
        return Ingested.Job({ id, created })
      }
      case "Restart": {
        // A job for another commit may be the one for the true head: it goes on, unless the new job takes its place.
        const { commitSha } = decision.job.subject
        yield* store.cancelPullRequest(decision.job.subject, decision.message, { commitSha })
        const { created, id } = yield* store.enqueue(decision.job)
        return Ingested.Job({ id, created })
      }
      case "RunAgain": {
        const jobs = yield* runAgainJobs(decision.wanted, guid)
        return Option.match(Arr.head(yield* store.enqueueAll(jobs)), {
          onNone: () => nothing("no pull request is known for this check"),
          onSome: ({ created, id }) => Ingested.Job({ id, created })
        })
      }
      case "CancelPullRequest": {
        const ids = yield* store.cancelPullRequest(decision.subject, decision.message)
        if (ids.length > 0) yield* store.enqueue(checkRunsJob(decision.subject, guid))
        return nothing(`${decision.message}; ${jobsAre(ids)}`)
      }
      case "KeepInstallation":
        yield* Installations.keep(decision.state, decision.deleted)
        return nothing(
          `installation ${decision.state.id} ${decision.deleted ? "was removed" : "is kept up to date"}`
        )
      case "Ignore":
        return nothing(decision.reason)
    }
  })

const act = ({ event, sighting }: ReadDelivery, guid: string, source: Source) =>
  Effect.gen(function* () {
    if (event._tag !== "Installation" && Option.isSome(sighting)) {
      // It arrived late: no token can be had for this installation any more.
      if ((yield* Installations.see(sighting.value)) === "deleted")
        return nothing("the App is uninstalled there")
    }
    return yield* apply(decide(event, source), guid)
  })

/** What is written of it, and can be logged. */
export const outcomeOf = Ingested.$match({
  Job: ({ created, id }) => ({ outcome: created ? "made a job" : "the job existed", jobId: Option.some(id) }),
  Nothing: ({ reason }) => ({ outcome: reason, jobId: Option.none<JobId>() }),
  Redelivered: ({ jobId, outcome }) => ({ outcome, jobId })
})

const once = (delivery: Delivery, read: ReadDelivery, source: Source) =>
  Effect.gen(function* () {
    const sql = yield* Sql.SqlClient
    // A lock that is never let go, or a server that hangs, must not hold the connection for longer than anybody waits.
    yield* sql`set local statement_timeout = 8000`
    if (!(yield* Deliveries.take(delivery, read))) {
      const before = yield* Deliveries.find(delivery.guid)
      return Ingested.Redelivered(
        Option.getOrElse(before, () => ({ outcome: "unknown", jobId: Option.none<JobId>() }))
      )
    }
    const ingested = yield* act(read, delivery.guid, source)
    yield* Deliveries.conclude(delivery.guid, outcomeOf(ingested))
    return ingested
  }).pipe(Database.transaction("Ingest.ingest"))

/**
 * Ingests one delivery. Safe to repeat, also at the same time: a GUID acts once, and different GUIDs that ask for the
 * same work get the same job. A delivery that failed leaves nothing behind.
 */
export const ingest = (
  delivery: Delivery,
  source: Source = "webhook"
): Effect.Effect<Ingested, IncompleteEvent | IngestUnavailable, JobStore | SqlClient.SqlClient> =>
  Effect.gen(function* () {
    const read = yield* readDelivery(delivery)
    return yield* once(delivery, read, source).pipe(
      Effect.catchTags({
        DatabaseError: ({ message }) => new IngestUnavailable({ message }),
        StoreUnavailable: ({ message }) => new IngestUnavailable({ message })
      }),
      Effect.timeoutFail({
        duration: patience,
        onTimeout: () =>
          new IngestUnavailable({
            message: `the database did not answer within ${Duration.format(patience)}`
          })
      })
    )
  }).pipe(Effect.withSpan("Ingest.ingest"))
