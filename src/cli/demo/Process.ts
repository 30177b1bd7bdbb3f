/** Holdfast as a process of its own: started, watched, signalled. Also what the tests of whole processes use. */
import { type ChildProcess, spawn } from "node:child_process"
import { createRequire } from "node:module"
import { fileURLToPath, pathToFileURL } from "node:url"
import { Deferred, Duration, Effect, type Scope } from "effect"
import { ofTheMachine } from "../../Config.ts"

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
  /** The whole environment, but for what any program needs: nothing else of the machine's reaches the process. */
  readonly env: Readonly<Record<string, string>>
  /** The program's `main.js`. The one that this module belongs to when absent, as source or as built. */
  readonly main?: string
  /** The working folder; its `.env` would be read. */
  readonly cwd: string
  /** What it reads from standard input; nothing when absent. */
  readonly input?: string | undefined
}

/** The program that this module belongs to; from source it needs a loader, named absolutely. */
const program = (): ReadonlyArray<string> => {
  const isSource = import.meta.url.endsWith(".ts")
  const main = fileURLToPath(new URL(isSource ? "../../main.ts" : "../../main.js", import.meta.url))
  return isSource ? ["--import", pathToFileURL(createRequire(main).resolve("tsx")).href, main] : [main]
}

const launch = ({ args, cwd, env, input, main }: Options): ChildProcess => {
  const child = spawn(process.execPath, [...(main === undefined ? program() : [main]), ...args], {
    cwd,
    env: { ...ofTheMachine(), ...env },
    stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"]
  })
  // It may end without having read it.
  child.stdin?.on("error", () => {})
  child.stdin?.end(input)
  return child
}

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
