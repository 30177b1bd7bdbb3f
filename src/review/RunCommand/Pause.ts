/** `pause` and `resume`. */
import { Effect, Option, Schema } from "effect"
import type { InstallationClient } from "../../github/Github.ts"
import { type Claimed, JobStore } from "../../queue/JobStore.ts"
import { Pauses } from "../Pauses.ts"
import { done } from "./Outcome.ts"
import { makeUp } from "./Review.ts"

const set = ({ job, lease }: Claimed, login: string, paused: boolean) =>
  Effect.gen(function* () {
    const store = yield* JobStore
    const pauses = yield* Pauses
    yield* store.check(lease)
    yield* pauses.set(job.subject, { paused, login, command: job.id })
  })

export const pause = (claimed: Claimed, login: string) => Effect.as(set(claimed, login, true), done)

const stepKey = "was-paused"
const decode = Schema.decodeUnknownOption(Schema.Boolean)

/** Kept before it changes, so that a command that is run again still knows it. */
const wasPaused = ({ job, lease }: Claimed) =>
  Effect.gen(function* () {
    const store = yield* JobStore
    const kept = Option.flatMap(yield* store.loadStep(job.id, stepKey), decode)
    if (Option.isSome(kept)) return kept.value
    const pauses = yield* Pauses
    const is = Option.isSome(yield* pauses.of(job.subject))
    yield* store.saveStep(lease, stepKey, is)
    return is
  })

export const resume = Effect.fn("RunCommand.resume")(function* (
  client: InstallationClient,
  claimed: Claimed,
  login: string
) {
  const was = yield* wasPaused(claimed)
  yield* set(claimed, login, false)
  if (was) yield* makeUp(client, claimed)
  return done
})
