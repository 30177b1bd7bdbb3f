/**
 * How several Holdfasts on one data folder share a server, and who stops it.
 *
 * Each holds a shared advisory lock on a session of its own. Who leaves lets go of it and tries for the exclusive
 * one: whoever gets that was the last, and stops the server. The lock of a process that was killed ends with its
 * session. Who arrives while the last one is leaving gets no lock, and waits until it can start a server anew.
 */
import type * as FileSystem from "@effect/platform/FileSystem"
import { Duration, Effect, Exit, Option, Ref, Schedule, Schema, Scope } from "effect"
import * as Session from "../Session.ts"
import { EmbeddedPostgresError } from "./EmbeddedPostgresError.ts"
import type { Home } from "./Home.ts"
import * as Postmaster from "./Postmaster.ts"
import * as Server from "./Server.ts"

/** "embedded" in ASCII. */
const lockKey = "7308605957907703140"

/** A server together with our share in it. */
interface Share {
  readonly running: Postmaster.Running
  readonly session: Session.Session
  readonly scope: Scope.CloseableScope
}

/**
 * Holds a share of the home's server while the scope lasts, and returns the port. When the server dies meanwhile, it
 * is started again at the same port.
 */
export const hold = (
  home: Home,
  options: Server.StartOptions
): Effect.Effect<number, EmbeddedPostgresError, FileSystem.FileSystem | Scope.Scope> =>
  Effect.gen(function* () {
    const share = yield* Effect.acquireRelease(
      Effect.flatMap(join(home, options), (share) => Ref.make(share)),
      (share) => Effect.flatMap(Ref.get(share), (share) => leave(home, share))
    )
    const { running } = yield* Ref.get(share)
    yield* Effect.forkScoped(keep(home, { ...options, port: running.port }, share))
    return running.port
  })

/** Uninterrupted: a server that was started and not yet shared would be left behind. */
const join = (home: Home, options: Server.StartOptions) =>
  Effect.gen(function* () {
    const running = yield* Server.ensure(home, options)
    const scope = yield* Scope.make()
    const session = yield* openSession(home, running).pipe(
      Scope.extend(scope),
      Effect.onError((cause) => Scope.close(scope, Exit.failCause(cause)))
    )
    return { running, scope, session }
  }).pipe(
    Effect.retry({
      while: (error) => error._tag !== "EmbeddedPostgresError",
      schedule: Schedule.spaced("100 millis").pipe(Schedule.upTo("1 minute"))
    }),
    Effect.mapError((error) =>
      error._tag === "EmbeddedPostgresError"
        ? error
        : new EmbeddedPostgresError({
            reason: "StartFailed",
            message: `The PostgreSQL on ${home.cluster} runs, but can't be joined: ${error.message}`
          })
    ),
    Effect.uninterruptible
  )

/** A session that holds the shared lock. Fails with `Busy` while somebody is about to stop the server. */
const openSession = (home: Home, { port }: Postmaster.Running) =>
  Effect.gen(function* () {
    const session = yield* Session.open({
      url: Postmaster.urlOf(home, port, "postgres"),
      applicationName: "holdfast share"
    })
    if (yield* ask(session, `select pg_try_advisory_lock_shared(${lockKey}) as yes`)) return session
    return yield* new Postmaster.Busy({ message: "another process is stopping it" })
  })

const leave = (home: Home, { running, scope, session }: Share) =>
  stopIfLast(home, running, session).pipe(
    // The session is lost: the server was stopped, or it is recovering and nobody else may be there to stop it.
    Effect.orElse(() => Effect.zipRight(Scope.close(scope, Exit.void), leaveAnew(home))),
    Effect.ensuring(Scope.close(scope, Exit.void))
  )

/** Leaves over a new session, if there is still a server to leave. */
const leaveAnew = (home: Home) =>
  Effect.gen(function* () {
    const running = yield* Postmaster.find(home)
    if (Option.isNone(running)) return
    const session = yield* openSession(home, running.value)
    yield* stopIfLast(home, running.value, session)
  }).pipe(
    Effect.scoped,
    Effect.retry(Schedule.spaced("100 millis").pipe(Schedule.upTo("15 seconds"))),
    Effect.catchAll((error) =>
      Effect.logWarning(
        `The embedded PostgreSQL could not be left in order and may still run: ${error.message}`
      )
    )
  )

const stopIfLast = (home: Home, { pid }: Postmaster.Running, session: Session.Session) =>
  Effect.gen(function* () {
    yield* session.query(`select pg_advisory_unlock_shared(${lockKey})`)
    const last = yield* ask(session, `select pg_try_advisory_lock(${lockKey}) as yes`)
    if (last) yield* Server.stop(home, pid)
  })

/** Takes the share again whenever its session is lost, starting the server anew if it has died. */
const keep = (home: Home, options: Server.StartOptions, share: Ref.Ref<Share>) =>
  Effect.gen(function* () {
    const { scope, session } = yield* Ref.get(share)
    const error = yield* Effect.flip(session.lost)
    yield* Effect.logWarning(`The embedded PostgreSQL has gone away; bringing it back (${error.message})`)
    yield* Effect.uninterruptible(
      Effect.gen(function* () {
        yield* Scope.close(scope, Exit.void)
        yield* Ref.set(share, yield* join(home, options))
      })
    ).pipe(
      Effect.tapError((error) => Effect.logError(error.message)),
      Effect.retry(Schedule.spaced(Duration.seconds(1)))
    )
    yield* Effect.logInfo("The embedded PostgreSQL is back")
  }).pipe(Effect.forever)

const Answer = Schema.Tuple(Schema.Struct({ yes: Schema.Boolean }))

const ask = (session: Session.Session, question: string) =>
  Effect.flatMap(session.query(question), (rows) =>
    Effect.map(Effect.orDie(Schema.decodeUnknown(Answer)(rows)), ([row]) => row.yes)
  )
