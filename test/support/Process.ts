/** Holdfast as a process of its own, started from source as `npm start` starts it. */
import { type ChildProcess, spawn } from "node:child_process"
import { createRequire } from "node:module"
import * as path from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { Deferred, Duration, Effect, type Scope } from "effect"

const root = fileURLToPath(new URL("../..", import.meta.url))

/** Absolute, so that a process can work in another folder. */
const loader = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface Process {
  readonly pid: number
  /** Everything written so far, standard output and standard error together. */
  readonly output: () => string
  /** Waits for the output to match, and gives the match. Dies when the process ends without it. */
  readonly saw: (pattern: RegExp) => Effect.Effect<RegExpExecArray>
  readonly signal: (name: NodeJS.Signals) => Effect.Effect<void>
  readonly ended: Effect.Effect<Ended>
}

export interface Options {
  readonly args: ReadonlyArray<string>
  /** The whole environment, but for PATH and the like: nothing of the machine's reaches the process. */
  readonly env: Readonly<Record<string, string>>
  readonly cwd?: string
}

const inherited = () =>
  Object.fromEntries(
    ["PATH", "HOME", "LANG", "TMPDIR", "SystemRoot"].flatMap((name) => {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value]]
    })
  )

const launch = ({ args, cwd, env }: Options): ChildProcess =>
  spawn(process.execPath, ["--import", loader, path.join(root, "src/main.ts"), ...args], {
    cwd: cwd ?? root,
    env: { ...inherited(), ...env },
    stdio: ["ignore", "pipe", "pipe"]
  })

/** Starts it; when the scope closes it is killed, if it still lives. */
export const start = (options: Options): Effect.Effect<Process, never, Scope.Scope> =>
  Effect.gen(function* () {
    const ended = yield* Deferred.make<Ended>()
    let output = ""
    const waiting = new Set<() => void>()
    const tell = () => {
      for (const look of [...waiting]) look()
    }
    const child = yield* Effect.acquireRelease(
      Effect.sync(() => {
        const child = launch(options)
        const collect = (chunk: Buffer) => {
          output += chunk.toString("utf8")
          tell()
        }
        child.stdout?.on("data", collect)
        child.stderr?.on("data", collect)
        child.once("close", (code, signal) => {
          Deferred.unsafeDone(ended, Effect.succeed({ code, signal }))
          tell()
        })
        return child
      }),
      (child) =>
        Effect.sync(() => child.kill("SIGKILL")).pipe(
          Effect.zipRight(Deferred.await(ended)),
          Effect.timeoutOption(Duration.seconds(10))
        )
    )
    const saw = (pattern: RegExp) =>
      Effect.async<RegExpExecArray>((resume) => {
        const look = () => {
          const match = pattern.exec(output)
          if (match !== null) {
            waiting.delete(look)
            resume(Effect.succeed(match))
          } else if (child.exitCode !== null || child.signalCode !== null) {
            waiting.delete(look)
            resume(Effect.dieMessage(`the process ended without ${pattern}:\n${output}`))
          }
        }
        waiting.add(look)
        look()
        return Effect.sync(() => waiting.delete(look))
      })
    return {
      pid: child.pid ?? 0,
      output: () => output,
      saw,
      signal: (name) => Effect.sync(() => child.kill(name)),
      ended: Deferred.await(ended)
    }
  })
