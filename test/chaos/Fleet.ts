/** The worker processes: as many places, and in each a process, which is replaced whenever it ends. */
import { Clock, Duration, Effect, Exit, Fiber, Option, type Redacted, Schedule, type Scope } from "effect"
import * as StartWorker from "../queue/StartWorker.ts"
import type { Place } from "./Place.ts"

const size = 5

/** Short, so that much happens in little time; in the order and proportion of the defaults where a rule depends on it. */
const lease = Duration.seconds(6)
const settings = {
  concurrency: 3,
  lease,
  pollEvery: Duration.seconds(1),
  quarantinePatience: Duration.seconds(2),
  shutdownGrace: Duration.seconds(2)
}

/** Until its leases have run out, and others are through with its jobs. */
const stoppedFor = Duration.sum(lease, Duration.seconds(4))

/** How long a worker that was asked to end may take: the grace, the end of what ignores it, and a slow machine. */
const endWithin = Duration.seconds(30)

interface Member {
  readonly child: StartWorker.WorkerProcess
  /** Only who is up is hit by the next fault. */
  state: "up" | "stopped" | "ending"
}

/** A worker that was killed: the number of its process, and when, in milliseconds since 1970. */
export interface Kill {
  readonly pid: number
  readonly at: number
}

export interface Fleet {
  readonly kills: ReadonlyArray<Kill>
  /** What a worker did of itself and must not: end, or not end. */
  readonly mishaps: ReadonlyArray<string>
  /** Each hits a worker that is up, as soon as there is one. */
  readonly kill: (whom: number) => Effect.Effect<void>
  readonly stop: (whom: number) => Effect.Effect<void>
  readonly term: (whom: number) => Effect.Effect<void>
  /** Asks all to end, waits for it, and replaces none. */
  readonly end: Effect.Effect<void>
}

interface Options {
  readonly place: Place
  /** Where workers find the database. */
  readonly url: Redacted.Redacted
  /** The folder of the built programs. */
  readonly programs: string
}

export const make = ({ place, programs, url }: Options): Effect.Effect<Fleet, never, Scope.Scope> =>
  Effect.gen(function* () {
    const scope = yield* Effect.scope
    const members = new Map<number, Member>()
    const kills: Array<Kill> = []
    const mishaps: Array<string> = []
    let isEnding = false
    let started = 0

    const term = (member: Member) =>
      Effect.gen(function* () {
        member.state = "ending"
        yield* member.child.signal("SIGTERM")
        const ended = yield* Effect.timeoutOption(member.child.ended, endWithin)
        if (Option.isSome(ended)) return
        mishaps.push(
          `worker process ${member.child.pid} did not end within ${Duration.format(endWithin)} of SIGTERM`
        )
        yield* member.child.signal("SIGKILL")
      })

    /** One process, from its start to its end. */
    const live = (slot: number) =>
      Effect.gen(function* () {
        const noted = { pid: 0 }
        // Set up first, so it runs last: once the process is gone.
        yield* Effect.addFinalizer(() => place.forget(noted.pid))
        const child = yield* StartWorker.start(programs, url, settings)
        noted.pid = child.pid
        yield* place.note(child.pid)
        const said = `${++started}-${child.pid}.log`
        yield* Effect.addFinalizer(() => place.write(said, child.output()))
        // It ends at once when it finds no database.
        if (Exit.isFailure(yield* Effect.exit(child.saw("up")))) return yield* Effect.sleep("200 millis")
        const member: Member = { child, state: "up" }
        members.set(slot, member)
        if (isEnding) yield* term(member)
        const { code, signal } = yield* child.ended
        members.delete(slot)
        if (member.state !== "ending")
          mishaps.push(`worker process ${child.pid} ended by itself (${signal ?? code}); see said/${said}`)
      }).pipe(Effect.scoped)

    const slots = Array.from({ length: size }, (_, slot) => slot)
    const fibers = yield* Effect.forEach(slots, (slot) =>
      Effect.forkScoped(Effect.repeat(live(slot), { until: () => isEnding }))
    )

    const isUp = (slot: number) => members.get(slot)?.state === "up"
    /** Waits for somebody to hit: right after a restart of the database there may be nobody. */
    const hit = (whom: number, how: (member: Member) => Effect.Effect<void>) =>
      Effect.suspend(() => {
        const first = Math.floor(whom * size)
        const slot = slots.map((_, index) => (first + index) % size).find(isUp)
        return Effect.fromNullable(slot === undefined ? undefined : members.get(slot))
      }).pipe(Effect.retry(Schedule.spaced("50 millis")), Effect.orDie, Effect.flatMap(how))

    return {
      kills,
      mishaps,
      kill: (whom) =>
        hit(whom, (member) =>
          Effect.gen(function* () {
            member.state = "ending"
            kills.push({ pid: member.child.pid, at: yield* Clock.currentTimeMillis })
            yield* member.child.signal("SIGKILL")
          })
        ),
      stop: (whom) =>
        hit(whom, (member) =>
          Effect.gen(function* () {
            member.state = "stopped"
            yield* member.child.signal("SIGSTOP")
            yield* Effect.sleep(stoppedFor)
            yield* member.child.signal("SIGCONT")
            if (member.state === "stopped") member.state = "up"
          }).pipe(Effect.forkIn(scope), Effect.asVoid)
        ),
      term: (whom) => hit(whom, (member) => Effect.asVoid(Effect.forkIn(term(member), scope))),
      end: Effect.gen(function* () {
        isEnding = true
        yield* Effect.forEach([...members.values()], term, { concurrency: "unbounded", discard: true })
        yield* Fiber.awaitAll(fibers)
      })
    }
  })
