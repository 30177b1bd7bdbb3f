/**
 * Shows within seconds that a command was heard. The command's own job may have to wait, for a review of the same pull
 * request or for a free place, so this happens beside it: as soon as the job is committed, once, and as far as GitHub
 * answers. The job makes sure of it, so nothing is lost where it fails, or where the process ends first.
 */
import { Cause, Context, Effect, FiberSet, Layer, Option, Schema } from "effect"
import type { JobId } from "../queue/Job.ts"
import { JobStore } from "../queue/JobStore.ts"
import { CommandPayload } from "./Command.ts"
import { accessOf } from "./CommandAccess.ts"
import { Github } from "./Github.ts"

export class Acknowledgements extends Context.Tag("holdfast/Acknowledgements")<
  Acknowledgements,
  {
    /** Reacts to the comment that made the job, if one did and its author may. Returns at once, and never fails. */
    readonly begin: (job: JobId) => Effect.Effect<void>
  }
>() {}

/** Those beyond are left to their jobs. */
const mostAtOnce = 16
const patience = "10 seconds"

const decodePayload = Schema.decodeUnknownOption(CommandPayload)

const acknowledge = (id: JobId) =>
  Effect.gen(function* () {
    const store = yield* JobStore
    const job = yield* store.find(id)
    const payload = Option.flatMap(job, ({ payload }) => decodePayload(payload))
    if (Option.isNone(job) || Option.isNone(payload) || payload.value.comment === null) return
    const { subject } = job.value
    const client = yield* Effect.flatMap(Github, (github) => github.installation(subject.installationId))
    if ((yield* accessOf(client, subject, payload.value)) !== "granted") return
    yield* client.addReaction(subject, payload.value.comment, "eyes")
  }).pipe(
    Effect.scoped,
    // A request that is under way need not be waited for, neither when it takes too long nor when the process ends.
    Effect.disconnect,
    Effect.timeout(patience),
    Effect.catchAllCause((cause) =>
      Cause.isInterruptedOnly(cause)
        ? Effect.void
        : Effect.logInfo(`command ${id} was not acknowledged at once: ${Cause.pretty(cause).split("\n")[0]}`)
    ),
    Effect.withSpan("Acknowledgements.acknowledge")
  )

/** Ends with its scope, whatever is under way. */
export const layer: Layer.Layer<Acknowledgements, never, Github | JobStore> = Layer.scoped(
  Acknowledgements,
  Effect.gen(function* () {
    const context = yield* Effect.context<Github | JobStore>()
    const fibers = yield* FiberSet.make()
    return {
      begin: (job) =>
        Effect.gen(function* () {
          if ((yield* FiberSet.size(fibers)) >= mostAtOnce) return
          yield* FiberSet.run(fibers, Effect.provide(acknowledge(job), context))
        })
    }
  })
)
