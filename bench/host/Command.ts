/** Programs that run to their end: what they print on stdout is returned, since the bench's own stdout is for results. */
import { spawn } from "node:child_process"
import { Effect } from "effect"
import { BenchError } from "./BenchError.ts"

export interface Options {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

export const run = (program: string, args: ReadonlyArray<string>, options: Options = {}) =>
  Effect.async<string, BenchError>((resume) => {
    const child = spawn(program, [...args], {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ["ignore", "pipe", "pipe"]
    })
    let output = ""
    let errors = ""
    child.stdout.on("data", (data: Buffer) => {
      output += data.toString()
    })
    child.stderr.on("data", (data: Buffer) => {
      errors += data.toString()
    })
    const fail = (message: string) =>
      resume(new BenchError({ message: `${program} ${args.join(" ")}: ${message}` }))
    child.on("error", (error) => fail(error.message))
    child.on("close", (code) =>
      code === 0 ? resume(Effect.succeed(output)) : fail(`ended with ${code}\n${output}${errors}`)
    )
    return Effect.sync(() => child.kill("SIGKILL"))
  })
