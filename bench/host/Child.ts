/** A child process with which messages are exchanged. It does not outlive the scope. */
import { fork } from "node:child_process"
import { Deferred, Effect, Exit, Mailbox, Schema, type Scope } from "effect"
import { BenchError } from "./BenchError.ts"

export interface Child<In, Out> {
  readonly pid: number
  readonly send: (message: In) => Effect.Effect<void>
  /** The next message. Fails when the process has ended. */
  readonly next: Effect.Effect<Out, BenchError>
  /** SIGKILL; returns at once, with the time. */
  readonly kill: Effect.Effect<number>
}

export const start = <In extends object, Out>(
  program: string,
  args: ReadonlyArray<string>,
  says: Schema.Schema<Out>
): Effect.Effect<Child<In, Out>, BenchError, Scope.Scope> =>
  Effect.gen(function* () {
    const messages = yield* Mailbox.make<unknown, BenchError>()
    const ended = yield* Deferred.make<void>()
    const child = yield* Effect.acquireRelease(
      Effect.sync(() => {
        const child = fork(program, [...args], { stdio: ["ignore", 2, 2, "ipc"], execArgv: [] })
        child.on("message", (message) => messages.unsafeOffer(message))
        // A message to a process that has just died.
        child.on("error", () => {})
        child.on("exit", (code, signal) => {
          const message = `${program} ${args[0] ?? ""} ended with ${code ?? signal}`
          messages.unsafeDone(Exit.fail(new BenchError({ message })))
          Deferred.unsafeDone(ended, Effect.void)
        })
        return child
      }),
      (child) =>
        Effect.sync(() => child.kill("SIGKILL")).pipe(Effect.zipRight(Deferred.await(ended)), Effect.ignore)
    )
    const decode = Schema.decodeUnknown(says)
    return {
      pid: child.pid ?? 0,
      send: (message) =>
        Effect.sync(() => {
          child.send(message)
        }),
      next: messages.take.pipe(
        Effect.catchTag("NoSuchElementException", () =>
          Effect.fail(new BenchError({ message: `${program} says nothing any more` }))
        ),
        Effect.flatMap((message) => Effect.orDie(decode(message)))
      ),
      kill: Effect.sync(() => {
        const at = Date.now()
        child.kill("SIGKILL")
        return at
      })
    }
  })
