/** Runs a whole history, and tells a failure as a numbered list of what was done and what came of it. */
import { Cause, Chunk, Duration, Effect, Option, type Scope, Stream } from "effect"
import type { JobStore } from "../../../src/queue/JobStore.ts"
import { QueueSettings } from "../../../src/queue/QueueSettings.ts"
import { withVirtualTime } from "../../support/VirtualTime.ts"
import { describe, type History, workers } from "./Commands.ts"
import { compare } from "./Compare.ts"
import { all, same } from "./Model.ts"
import { perform } from "./Perform.ts"
import { World } from "./World.ts"

const settingsOf = ({ rules }: History): QueueSettings.Settings => ({
  ...QueueSettings.defaults,
  ...rules,
  retainCompleted: Duration.minutes(1),
  retainEnded: Duration.minutes(2)
})

/** A history that the store and the model tell differently. */
export class Failure extends Error {
  constructor(history: History, told: ReadonlyArray<string>, cause: Cause.Cause<unknown>) {
    const rules = history.toString().split("\n")[0]
    const lines = told.map((line, index) => `${index + 1}. ${line}`)
    super([Cause.pretty(cause).split("\n")[0], rules, ...lines].join("\n"))
  }
}

/** All jobs, by id. */
const jobsOf = (store: typeof JobStore.Service) =>
  Effect.map(store.list({ limit: 10_000 }), (jobs) => jobs.toReversed())

/** At the end each job must be found, and the ledger must explain all of them. */
const audit = Effect.fnUntraced(function* ({ count, state, store }: World) {
  const violations = yield* Stream.runCollect(store.audit({ perInstallation: state.rules.perInstallation }))
  same("the audit", Chunk.toReadonlyArray(violations), [])
  for (const { id } of all(state)) {
    same(`job ${id}, found`, Option.getOrUndefined(yield* store.find(id))?.status, state.jobs.get(id)?.status)
    for (const { to, why } of yield* store.transitions(id))
      count(why._tag === "WorkerDied" ? `${to}: ${why._tag} by ${why.seenBy}` : `${to}: ${why._tag}`)
  }
})

const carryOut = (world: World, history: History) =>
  Effect.gen(function* () {
    for (let worker = 0; worker < workers; worker++) world.hands.push(yield* world.register)
    for (const command of history.commands) {
      world.count("commands")
      const position = world.told.push(describe(command))
      const result = yield* perform(world, command)
      if (Option.isNone(result)) world.told.pop()
      else world.told[position - 1] = `${describe(command)}${result.value === "" ? "" : ` → ${result.value}`}`
      compare(world.state, yield* jobsOf(world.store))
    }
    yield* audit(world)
    return world.tally
  })

/** Tells how often what happened. */
export const run = (store: Effect.Effect<typeof JobStore.Service, never, Scope.Scope>, history: History) =>
  Effect.gen(function* () {
    const world = new World(yield* store, yield* QueueSettings)
    return yield* carryOut(world, history).pipe(
      Effect.catchAllCause((cause) => Effect.die(new Failure(history, world.told, cause)))
    )
  }).pipe(Effect.scoped, Effect.provideService(QueueSettings, settingsOf(history)), withVirtualTime)
