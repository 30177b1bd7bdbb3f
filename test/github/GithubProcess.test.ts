import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { expect, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"

const program = fileURLToPath(new URL("./programs/AskGithub.ts", import.meta.url))

it.scopedLive("a client prints nothing, and its connections keep no process alive", () =>
  Effect.gen(function* () {
    const { app, installationId, url } = yield* Sandbox.make()
    const parameters = [url, String(app.id), Redacted.value(app.privateKey), String(installationId)]
    const told = yield* Effect.async<{ readonly stdout: string; readonly stderr: string }, Error>(
      (resume) => {
        const child = execFile(
          process.execPath,
          ["--import", "tsx", program, ...parameters],
          (error, stdout, stderr) =>
            resume(error === null ? Effect.succeed({ stdout, stderr }) : Effect.fail(error))
        )
        return Effect.sync(() => child.kill())
      }
    )
    expect(told).toEqual({ stdout: "[]", stderr: "" })
  })
)
