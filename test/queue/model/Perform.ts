/** Carries out one command on the store and, with its answer, on the model. */
import {
  Clock,
  DateTime,
  Deferred,
  Duration,
  Effect,
  Fiber,
  Option,
  type Scope,
  Stream,
  TestClock
} from "effect"
import { JobId } from "../../../src/queue/Job.ts"
import type {
  AlreadyFinished,
  LeaseLost,
  NoSuchJob,
  NotRetryable,
  Obsolete,
  StoreUnavailable
} from "../../../src/queue/JobError.ts"
import type { Settlement } from "../../../src/queue/JobStore.ts"
import type { Lease } from "../../../src/queue/Lease.ts"
import * as Claims from "./Claims.ts"
import type { Command, Ending, LeaseChoice } from "./Commands.ts"
import * as Model from "./Model.ts"
import * as Operators from "./Operators.ts"
import { dispositionOf, keyOf, newJob } from "./Requests.ts"
import * as TakeBack from "./TakeBack.ts"
import { type Hand, nameOf, type World } from "./World.ts"

const listed = (names: ReadonlyArray<string | number>) => (names.length === 0 ? "nothing" : names.join(", "))
const claimedAs = (claimed: ReadonlyArray<{ readonly lease: Lease }>) =>
  listed(claimed.map(({ lease }) => nameOf(lease)))

/** What came of it; none when the command is about a worker or a lease that there is not. */
type Deed = Effect.Effect<Option.Option<string>, LeaseLost | Obsolete | StoreUnavailable, Scope.Scope>

const settlementsOf = (hand: Hand, endings: ReadonlyArray<readonly [LeaseChoice, Ending]>) =>
  Effect.map(DateTime.now, (now) => {
    const settlements = new Map<string, Settlement>()
    for (const [choice, ending] of endings) {
      Option.map(hand.lease(choice), (lease) =>
        settlements.set(nameOf(lease), { lease, disposition: dispositionOf(ending, now) })
      )
    }
    return [...settlements.values()]
  })

/** How an operation under a lease ended. */
const outcome = (effect: Effect.Effect<void, LeaseLost | Obsolete | StoreUnavailable>) =>
  effect.pipe(
    Effect.as("held" as const),
    Effect.catchTags({
      LeaseLost: () => Effect.succeed("LeaseLost" as const),
      Obsolete: () => Effect.succeed("Obsolete" as const)
    })
  )

const withLease = (hand: Hand, choice: LeaseChoice, deed: (lease: Lease) => Deed): Deed =>
  Option.match(hand.lease(choice), { onNone: () => Effect.succeedNone, onSome: deed })

const ofWorker = (world: World, hand: Hand, command: Extract<Command, { readonly worker: number }>): Deed => {
  const { store } = world
  switch (command._tag) {
    case "Claim":
      return Effect.map(store.claim(hand.id, command.limit), (answer) => {
        world.state = Claims.claim(world.state, hand.id, command.limit, answer)
        if (command.answer === "arrives") hand.learn(answer.jobs)
        return Option.some(claimedAs(answer.jobs))
      })
    case "ClaimQuarantined":
      return Effect.map(store.claimQuarantined(hand.id), (answer) => {
        world.state = Claims.claimQuarantined(world.state, hand.id, answer)
        if (Option.isSome(answer)) world.count("claimed from quarantine")
        if (command.answer === "arrives") hand.learn(Option.toArray(answer))
        return Option.some(claimedAs(Option.toArray(answer)))
      })
    case "Exchange":
      return Effect.gen(function* () {
        const settlements = yield* settlementsOf(hand, command.endings)
        const answer = yield* store.exchange(hand.id, settlements, command.limit)
        world.state = Claims.exchange(world.state, hand.id, settlements, command.limit, answer)
        if (answer.lost.length > 0) world.count("lost in an exchange")
        if (command.answer === "arrives") {
          hand.letGo(settlements.map(({ lease }) => lease))
          hand.learn(answer.jobs)
        }
        const settled = claimedAs(settlements)
        return Option.some(
          `settled ${settled}, lost ${listed(answer.lost.map(nameOf))}; ${claimedAs(answer.jobs)}`
        )
      })
    case "Settle":
      return withLease(hand, command.lease, (lease) =>
        Effect.gen(function* () {
          const disposition = dispositionOf(command.ending, yield* DateTime.now)
          const found = yield* outcome(store.settle(lease, disposition))
          const { lost, next } = Model.settle(world.state, [{ lease, disposition }])
          Model.same("the settlement", found, lost.length === 0 ? "held" : "LeaseLost")
          world.state = next
          world.count(`settle: ${found}`)
          if (command.answer === "arrives") hand.letGo([lease])
          return Option.some(`${nameOf(lease)}: ${found}`)
        })
      )
    case "Beat": {
      const leases = command.alsoOld ? [...hand.held, ...hand.old] : hand.held
      return Effect.map(store.beat(hand.id, leases), (answer) => {
        world.state = Model.beat(world.state, hand.id, leases, answer)
        if (answer.lost.length > 0) world.count("beat: lost")
        if (answer.cancelled.length > 0) world.count("beat: asked to stop")
        hand.letGo(answer.lost)
        return Option.some(`for ${listed(leases.map(nameOf))}; lost ${listed(answer.lost.map(nameOf))}`)
      })
    }
    case "Check":
      return withLease(hand, command.lease, (lease) =>
        Effect.map(outcome(store.check(lease)), (found) => {
          Model.same("the check", found, Model.check(world.state, lease))
          world.count(`check: ${found}`)
          return Option.some(`${nameOf(lease)}: ${found}`)
        })
      )
    case "SaveStep":
      return withLease(hand, command.lease, (lease) =>
        Effect.gen(function* () {
          const found = yield* outcome(store.saveStep(lease, command.key, nameOf(lease)))
          const isHeld = Model.held(world.state, lease) !== undefined
          Model.same("the save", found, isHeld ? "held" : "LeaseLost")
          world.state = Model.saveStep(world.state, lease, command.key, nameOf(lease))
          const saved = yield* store.loadStep(lease.jobId, command.key)
          const step = world.state.steps.get(`${lease.jobId}:${command.key}`)
          Model.same("the step", Option.getOrNull(saved), step ?? null)
          return Option.some(`${nameOf(lease)}: ${found}`)
        })
      )
    case "Disown":
      return Effect.map(store.disown(hand.id, hand.held), (answer) => {
        world.state = TakeBack.disown(world.state, hand.id, hand.held, answer)
        return Option.some(listed(answer))
      })
    case "OpenSession":
      return Option.isSome(hand.session) ? Effect.succeedNone : openSession(world, hand)
    case "CloseSession":
      return closeSession(world, hand)
    case "Crash":
      return Effect.gen(function* () {
        yield* closeSession(world, hand)
        world.zombies.unshift(hand)
        world.hands[command.worker] = yield* world.register
        return Option.some(`it held ${listed(hand.held.map(nameOf))}`)
      })
  }
}

const openSession = (world: World, hand: Hand): Deed =>
  Effect.gen(function* () {
    const stands = yield* Deferred.make<void>()
    const session = yield* world.store.session(hand.id).pipe(
      Stream.runForEach(() => Deferred.succeed(stands, undefined)),
      // A connection's own checks take real time.
      Effect.withClock(Clock.make()),
      Effect.forkScoped
    )
    yield* Deferred.await(stands)
    hand.session = Option.some(session)
    world.state = Model.setSession(world.state, hand.id, "open")
    return Option.some("it stands")
  })

const closeSession = (world: World, hand: Hand): Deed =>
  Option.match(hand.session, {
    onNone: () => Effect.succeedNone,
    onSome: (session) =>
      Effect.map(Fiber.interrupt(session), () => {
        hand.session = Option.none()
        world.state = Model.setSession(world.state, hand.id, "gone")
        return Option.some("it is gone")
      })
  })

const rescue = (world: World): Deed =>
  Effect.map(world.store.rescue, (answer) => {
    world.state = TakeBack.rescue(world.state, answer)
    return Option.some(listed(answer.map(({ id, to }) => `${id} ${to}`)))
  })

const wait = (world: World, millis: number): Deed =>
  Effect.map(TestClock.adjust(millis), () => {
    world.state = Model.passes(world.state, millis)
    return Option.some("")
  })

const byOperator = (
  world: World,
  deed: Effect.Effect<string, AlreadyFinished | NoSuchJob | NotRetryable | StoreUnavailable>,
  model: (state: Model.State) => Operators.Told
): Deed =>
  deed.pipe(
    Effect.catchTags({
      AlreadyFinished: ({ _tag }) => Effect.succeed(_tag),
      NoSuchJob: ({ _tag }) => Effect.succeed(_tag),
      NotRetryable: ({ _tag }) => Effect.succeed(_tag)
    }),
    Effect.map((found) => {
      const { answer, next } = model(world.state)
      Model.same("the operator is told", found, answer)
      world.state = next
      return Option.some(found)
    })
  )

const ofNobody = (world: World, command: Exclude<Command, { readonly worker: number }>): Deed => {
  const { store } = world
  switch (command._tag) {
    case "Enqueue":
      return Effect.gen(function* () {
        const requests = command.requests.map(newJob)
        const [only] = requests
        const answers =
          requests.length === 1 && only !== undefined
            ? [yield* store.enqueue(only)]
            : yield* store.enqueueAll(requests)
        world.state = Model.enqueueAll(world.state, requests, answers)
        return Option.some(
          listed(answers.map(({ created, id }) => (created ? `job ${id}` : `job ${id} was there`)))
        )
      })
    case "CancelPullRequest":
      return Effect.map(store.cancelPullRequest(keyOf(command), "closed"), (answer) => {
        world.state = Model.cancelPullRequest(world.state, keyOf(command), answer)
        return Option.some(listed(answer))
      })
    case "Race":
      return Effect.gen(function* () {
        const racers = world.hands.flatMap((hand, index) => {
          const limit = command.limits[index]
          return limit === undefined ? [] : [{ hand, limit }]
        })
        const claims = yield* Effect.forEach(
          racers,
          ({ hand, limit }) =>
            Effect.map(store.claim(hand.id, limit), (answer) => ({ worker: hand.id, hand, limit, answer })),
          { concurrency: "unbounded" }
        )
        world.state = Claims.race(world.state, claims)
        for (const { answer, hand } of claims) hand.learn(answer.jobs)
        return Option.some(claims.map(({ answer }) => claimedAs(answer.jobs)).join(" | "))
      })
    case "Rescue":
      return rescue(world)
    case "RunOut":
      return Effect.zipRight(wait(world, Duration.toMillis(world.state.rules.lease) + 1), rescue(world))
    case "Cancel":
      return byOperator(world, store.cancel(JobId.make(command.job + 1), "not needed"), (state) =>
        Operators.cancel(state, JobId.make(command.job + 1))
      )
    case "Retry":
      return byOperator(world, Effect.as(store.retry(JobId.make(command.job + 1)), "retried"), (state) =>
        Operators.retry(state, JobId.make(command.job + 1))
      )
    case "Prune":
      return Effect.map(store.prune, (answer) => {
        world.state = TakeBack.prune(world.state, answer)
        if (answer > 0) world.count("pruned")
        return Option.some(`${answer} deleted`)
      })
    case "Wait":
      return wait(world, command.millis)
  }
}

export const perform = (world: World, command: Command): Deed =>
  "worker" in command
    ? Option.match(world.hand(command.worker), {
        onNone: () => Effect.succeedNone,
        onSome: (hand) => ofWorker(world, hand, command)
      })
    : ofNobody(world, command)
