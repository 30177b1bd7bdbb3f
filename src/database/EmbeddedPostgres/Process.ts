/** Processes with another user's rights or a life of their own, neither of which @effect/platform's Command offers. */
import * as childProcess from "node:child_process"
import { Data, Effect, Option, Predicate } from "effect"

/** A system user. */
export interface Account {
  readonly uid: number
  readonly gid: number
}

/** The program itself could not be started. */
export class SpawnError extends Data.TaggedError("SpawnError")<{ readonly message: string }> {}

export interface Finished {
  /** Null when a signal ended it. */
  readonly exitCode: number | null
  /** Standard output and standard error, as they came. */
  readonly output: string
}

/** Nothing of our environment but where programs are: variables such as PGPORT would change what Postgres does. */
const environment = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  LC_ALL: "C",
  TZ: "UTC"
}

const asAccount = (account: Option.Option<Account>) =>
  Option.match(account, { onNone: () => ({}), onSome: ({ gid, uid }) => ({ gid, uid }) })

/** Runs a program to its end, as another user where one is given. */
export const run = (
  program: string,
  args: ReadonlyArray<string>,
  options: { readonly account: Option.Option<Account>; readonly cwd: string }
): Effect.Effect<Finished, SpawnError> =>
  Effect.async((resume) => {
    const child = childProcess.spawn(program, args, {
      cwd: options.cwd,
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
      windowsHide: true,
      ...asAccount(options.account)
    })
    const output: Array<string> = []
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8")
      stream.on("data", (text: string) => output.push(text))
    }
    child.once("error", (error) => resume(Effect.fail(new SpawnError({ message: error.message }))))
    child.once("close", (exitCode) => resume(Effect.succeed({ exitCode, output: output.join("") })))
    return Effect.sync(() => child.kill())
  })

/** A program that goes on when this process ends. */
export interface Detached {
  readonly pid: number
  /** True once it has ended. */
  readonly exited: Effect.Effect<boolean>
}

/**
 * Starts a program in a session of its own, so that a Ctrl-C on our terminal does not reach it, and does not keep
 * this process alive for it. Its output goes to the open file `log`.
 */
export const spawnDetached = (
  program: string,
  args: ReadonlyArray<string>,
  options: { readonly account: Option.Option<Account>; readonly cwd: string; readonly log: number }
): Effect.Effect<Detached, SpawnError> =>
  Effect.async((resume) => {
    const child = childProcess.spawn(program, args, {
      cwd: options.cwd,
      env: environment,
      detached: true,
      stdio: ["ignore", options.log, options.log],
      windowsHide: true,
      ...asAccount(options.account)
    })
    let exited = false
    child.once("exit", () => {
      exited = true
    })
    child.once("error", (error) => resume(Effect.fail(new SpawnError({ message: error.message }))))
    child.once("spawn", () => {
      child.unref()
      resume(
        child.pid === undefined
          ? Effect.fail(new SpawnError({ message: "it has no process id" }))
          : Effect.succeed({ pid: child.pid, exited: Effect.sync(() => exited) })
      )
    })
  })

/** Sends a signal. False if there is no such process any more; 0 only asks. */
export const signal = (pid: number, name: NodeJS.Signals | 0): Effect.Effect<boolean> =>
  Effect.sync(() => {
    try {
      process.kill(pid, name)
      return true
    } catch (error) {
      // EPERM: it exists and is somebody else's.
      return Predicate.hasProperty(error, "code") && error.code === "EPERM"
    }
  })
