/**
 * What comes in meanwhile: new heads that supersede older ones, the same head again, several jobs at once, pull requests
 * that are closed, and operators who cancel and retry. Each enqueue that finds the store away asks again, as a sender of
 * webhooks that got no answer would.
 */
import { Array as Arr, Effect, Random, Schedule } from "effect"
import type { JobId, NewJob, Subject } from "../../src/queue/Job.ts"
import type { Enqueued, JobStore } from "../../src/queue/JobStore.ts"
import type { Payload, Task } from "../queue/programs/Protocol.ts"

const installations = 8
const pulls = 128

/** Milliseconds from one to the next, on average. */
const pause = 150

type Weighted<A> = ReadonlyArray<readonly [weight: number, choice: A]>

const choose = <A>(choices: Weighted<A>): Effect.Effect<A> =>
  Effect.map(Random.next, (share) => {
    let left = share * choices.reduce((sum, [weight]) => sum + weight, 0)
    const found = choices.find(([weight]) => {
      left -= weight
      return left < 0
    })
    return (found ?? choices[0])?.[1]
  }).pipe(Effect.flatMap(Effect.fromNullable), Effect.orDie)

const publish: Effect.Effect<Task> = Effect.map(
  Effect.all([Random.nextIntBetween(0, 700), Random.nextIntBetween(0, 700), Random.nextBoolean]),
  ([make, submit, stubborn]) => ({ do: "publish", millis: [make, submit], stubborn })
)

/** What precedes the publishing of most jobs: nothing. */
const before: Weighted<ReadonlyArray<Task>> = [
  [76, []],
  [6, [{ do: "failTransient" }]],
  [6, [{ do: "snooze", millis: 500 }]],
  [5, [{ do: "retryAfter", millis: 1_000 }]],
  [3, [{ do: "defect" }]],
  [2, [{ do: "failPermanent" }]],
  [2, [{ do: "obsolete" }]]
]

const payload: Effect.Effect<Payload> = Effect.zipWith(choose(before), publish, (first, last) =>
  Arr.append(first, last)
)

type Store = Pick<
  JobStore["Type"],
  "enqueue" | "enqueueAll" | "cancelPullRequest" | "cancel" | "list" | "retry"
>

const headOf = (n: number) => n.toString(16).padStart(40, "0")

/** Goes on until it is interrupted; what was answered is added to `answers`. */
export const load = (store: Store, seed: number, answers: Array<Enqueued>): Effect.Effect<void> => {
  const heads = new Map<number, number>()
  let lastHead = 0

  const subjectOf = (pull: number): Subject => ({
    installationId: 1 + (pull % installations),
    owner: "acme",
    repo: "shop",
    pullRequest: 1 + pull,
    title: "Add a cart",
    commitSha: headOf(heads.get(pull) ?? 0),
    baseBranch: "main"
  })
  /** Some are busy, so that heads supersede each other, and many are quiet, so that jobs whose worker died run again. */
  const anyPull = Effect.map(Random.next, (share) => Math.floor(share ** 3 * pulls))
  const job = (pull: number): Effect.Effect<NewJob> =>
    Effect.map(
      Effect.all([
        choose<NewJob["trigger"]>([
          [1, "command"],
          [3, "opened"],
          [5, "push"],
          [1, "sweep"]
        ]),
        payload
      ]),
      ([trigger, payload]) => ({ subject: subjectOf(pull), trigger, payload })
    )
  const moveHead = (pull: number) => Effect.sync(() => heads.set(pull, ++lastHead))
  const untilAnswered = <A, E>(enqueue: Effect.Effect<A, E>) =>
    Effect.orDie(Effect.retry(enqueue, Schedule.spaced("200 millis")))
  const keep = (answered: ReadonlyArray<Enqueued>) => Effect.sync(() => answers.push(...answered))

  const newHead = Effect.gen(function* () {
    const pull = yield* anyPull
    yield* moveHead(pull)
    yield* keep([yield* untilAnswered(store.enqueue(yield* job(pull)))])
  })
  const sameHead = Effect.gen(function* () {
    yield* keep([yield* untilAnswered(store.enqueue(yield* job(yield* anyPull)))])
  })
  const several = Effect.gen(function* () {
    const some = yield* Effect.replicateEffect(anyPull, 4)
    yield* Effect.forEach(some.slice(1), moveHead)
    yield* keep(yield* untilAnswered(store.enqueueAll(yield* Effect.forEach(some, job))))
  })
  const close = Effect.flatMap(anyPull, (pull) => store.cancelPullRequest(subjectOf(pull), "closed"))
  const anyRecent = Effect.map(Random.nextIntBetween(1, 20), (ago) => answers.at(-ago)?.id)
  const onOne = <A, E>(id: JobId | undefined, act: (id: JobId) => Effect.Effect<A, E>) =>
    id === undefined ? Effect.void : Effect.asVoid(act(id))
  const cancel = Effect.flatMap(anyRecent, (id) => onOne(id, (id) => store.cancel(id, "not now")))
  const retry = Effect.gen(function* () {
    const status = yield* choose([
      [1, "failed" as const],
      [1, "cancelled" as const]
    ])
    const over = yield* store.list({ status, limit: 10 })
    yield* onOne(over[yield* Random.nextIntBetween(0, 10)]?.id, store.retry)
  })

  const step = Effect.flatten(
    choose<Effect.Effect<unknown, unknown>>([
      [62, newHead],
      [12, sameHead],
      [6, several],
      [6, close],
      [5, cancel],
      [9, retry]
    ])
  )
  // What is refused, and what an operator can't do for the moment, is let go.
  return Effect.ignore(step).pipe(
    Effect.zipRight(Effect.flatMap(Random.nextRange(0, 2 * pause), Effect.sleep)),
    Effect.forever,
    Effect.withRandom(Random.make(`${seed} load`))
  )
}
