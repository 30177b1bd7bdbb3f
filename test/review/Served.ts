/**
 * Holdfast as it is served, in this process, between a local GitHub and local models. It stops with the scope, as at a
 * shutdown: what runs then is finished first.
 */
import { ConfigProvider, Deferred, Effect, Layer, Logger, LogLevel, Redacted } from "effect"
import * as App from "../../src/App.ts"
import * as Config from "../../src/Config.ts"
import * as Postgres from "../../src/queue/JobStore/Postgres.ts"
import type { ModelSandboxService } from "../../src/sandbox/ModelSandbox.ts"
import type { SandboxService } from "../../src/sandbox/Sandbox.ts"

const groups = {
  database: Config.database,
  github: Config.github,
  server: Config.server,
  queue: Config.queue,
  review: Config.review
}

const oneLine = Logger.map(Logger.stringLogger, (line) => line)

interface Places {
  readonly sandbox: SandboxService
  readonly models: ModelSandboxService
  /** The database. */
  readonly url: Redacted.Redacted
  /** Where its log goes; a new one when absent. */
  readonly log?: Array<string>
  /** Variables on top of those that a first start needs. */
  readonly env?: Readonly<Record<string, string>>
  /** Whose clock decides when a job is due; the database's when absent. */
  readonly time?: Postgres.TimeSource
}

/** Starts it, sends it GitHub's webhooks, and gives its log at all levels, which grows. */
export const serve = ({ env = {}, log = [], models, sandbox, time, url }: Places) =>
  Effect.gen(function* () {
    const settings = yield* Config.load(groups).pipe(
      Effect.withConfigProvider(
        ConfigProvider.fromMap(
          new Map(
            Object.entries({
              DATABASE_URL: Redacted.value(url),
              GITHUB_APP_ID: String(sandbox.app.id),
              GITHUB_PRIVATE_KEY: Redacted.value(sandbox.app.privateKey),
              GITHUB_WEBHOOK_SECRET: Redacted.value(sandbox.app.webhookSecret),
              GITHUB_API_URL: sandbox.url,
              PORT: "0",
              HOLDFAST_CONCURRENCY: "4",
              HOLDFAST_PER_INSTALLATION: "4",
              HOLDFAST_PROVIDER: "openai-compatible",
              HOLDFAST_MODEL: "reviewer-1",
              HOLDFAST_MODEL_URL: `${models.url}/v1`,
              HOLDFAST_MODEL_KEY: Redacted.value(models.apiKey),
              ...env
            })
          )
        )
      )
    )
    const address = yield* Deferred.make<string>()
    const capture = Logger.make((options) => {
      const line = oneLine.log(options)
      log.push(line)
      const [, found] = /Listening on (http:\/\/[\d.]+:\d+)/.exec(line) ?? []
      if (found !== undefined) Deferred.unsafeDone(address, Effect.succeed(found))
    })
    const logging = Layer.merge(
      Logger.replace(Logger.defaultLogger, capture),
      Logger.minimumLogLevel(LogLevel.All)
    )
    const worker = { host: "test", pid: 1, version: "0" }
    yield* Layer.build(App.server(settings, worker, Postgres.layerWith({ time }))).pipe(
      Effect.provide(logging)
    )
    yield* sandbox.webhooks.configure(`${yield* Deferred.await(address)}/api/github/webhooks`)
    const shown: ReadonlyArray<string> = log
    return shown
  })
