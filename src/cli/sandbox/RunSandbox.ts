/** Runs the local GitHub alone, and prints what one needs to work with it. */
import { Console, Effect, Logger, LogLevel, Option, Redacted } from "effect"
import { Sandbox } from "../../sandbox/Sandbox.ts"
import { scenarios } from "../../sandbox/scenarios/Scenarios.ts"
import { CommandFailed } from "../Failure.ts"

export interface SandboxCommandOptions {
  readonly port: number
  readonly webhookUrl: Option.Option<string>
}

/** One line, as `.env` takes it. */
const quoted = (pem: string) => `"${pem.trim().replaceAll("\n", "\\n")}"`

/** Ends when it is interrupted. */
export const run = (options: SandboxCommandOptions) =>
  Effect.gen(function* () {
    const github = yield* Sandbox.make({
      port: options.port,
      ...Option.match(options.webhookUrl, { onNone: () => ({}), onSome: (webhookUrl) => ({ webhookUrl }) })
    }).pipe(
      Effect.mapError(
        () =>
          new CommandFailed({
            message: `The sandbox can't listen on port ${options.port}. Choose another one with --port.`
          })
      )
    )
    const control = `${github.url}/_sandbox`
    yield* Console.log(
      [
        `A local GitHub listens at ${github.url}. It forgets everything when it ends (Ctrl-C).`,
        "",
        "Settings for a Holdfast that works with it:",
        "",
        `GITHUB_API_URL=${github.url}`,
        `GITHUB_APP_ID=${github.app.id}`,
        `GITHUB_WEBHOOK_SECRET=${Redacted.value(github.app.webhookSecret)}`,
        `GITHUB_PRIVATE_KEY=${quoted(Redacted.value(github.app.privateKey))}`,
        "",
        "Then:",
        "",
        `curl -X PUT ${control}/webhook -H 'content-type: application/json' \\`,
        `  -d '{"url": "http://127.0.0.1:3000/api/github/webhooks"}'`,
        `curl -X POST ${control}/pulls -H 'content-type: application/json' \\`,
        `  -d '{"source": {"scenario": "${Object.keys(scenarios)[0]}"}}'`,
        `curl ${control}/state`,
        "",
        `Scenarios: ${Object.keys(scenarios).join(", ")}. docs/sandbox.md lists what else the control API can do.`
      ].join("\n")
    )
    return yield* Effect.never
  }).pipe(Effect.scoped, Logger.withMinimumLogLevel(LogLevel.Warning))
