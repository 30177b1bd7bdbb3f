/** Holdfast as it is run: a process against a sandbox GitHub and a real database. */
import { Effect, Redacted, type Scope } from "effect"
import type { Process } from "../../src/cli/demo/Process.ts"
import { Sandbox, type SandboxService } from "../../src/sandbox/Sandbox.ts"
import * as Holdfast from "../support/Holdfast.ts"
import * as TestDatabase from "../support/TestDatabase.ts"

export interface Installed {
  readonly sandbox: SandboxService
  readonly databaseUrl: Redacted.Redacted
  /** Starts `serve`, waits until it listens, and has GitHub's webhooks sent there. */
  readonly serve: Effect.Effect<Process, never, Scope.Scope>
  /** The environment that `serve` runs in. */
  readonly env: Readonly<Record<string, string>>
}

/** @param changes variables on top of what a first start needs */
export const install = (
  changes: Readonly<Record<string, string>> = {}
): Effect.Effect<Installed, never, Scope.Scope> =>
  Effect.gen(function* () {
    const sandbox = yield* Effect.orDie(Sandbox.make())
    const databaseUrl = yield* TestDatabase.url
    const env = {
      DATABASE_URL: Redacted.value(databaseUrl),
      GITHUB_APP_ID: String(sandbox.app.id),
      GITHUB_PRIVATE_KEY: Redacted.value(sandbox.app.privateKey),
      GITHUB_WEBHOOK_SECRET: Redacted.value(sandbox.app.webhookSecret),
      GITHUB_API_URL: sandbox.url,
      PORT: "0",
      LOG_FORMAT: "json",
      ...changes
    }
    const serve = Effect.gen(function* () {
      const process = yield* Holdfast.start(["serve"], env)
      const [, address] = yield* process.saw(/Listening on (http:\/\/[\d.]+:\d+)/)
      yield* sandbox.webhooks.configure(`${address}/api/github/webhooks`)
      return process
    })
    return { sandbox, databaseUrl, serve, env }
  })

/** A small change with one thing for the rules to find. */
export const oneFinding = {
  before: { "src/cart.ts": "export const total = (prices: number[]) => {\n  return 0\n}\n" },
  after: {
    "src/cart.ts":
      "export const total = (prices: number[]) => {\n  debugger\n  return prices.reduce((sum, price) => sum + price, 0)\n}\n"
  }
}
