import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { Effect, Layer, Option } from "effect"
import type * as Config from "./Config.ts"
import * as Database from "./database/Database.ts"
import { DatabaseUrl } from "./database/DatabaseUrl.ts"
import * as EmbeddedPostgres from "./database/EmbeddedPostgres.ts"
import * as Migrations from "./database/Migrations.ts"
import * as Acknowledgements from "./github/Acknowledgements.ts"
import type { Github } from "./github/Github.ts"
import * as GithubRest from "./github/GithubRest.ts"
import { GithubSettings } from "./github/GithubSettings.ts"
import * as HookDeliveries from "./github/HookDeliveries.ts"
import * as Intake from "./github/Intake.ts"
import * as MissedDeliveries from "./github/MissedDeliveries.ts"
import { WebhookSecrets } from "./github/WebhookSignature.ts"
import { Readiness } from "./http/Readiness.ts"
import * as Routes from "./http/Routes.ts"
import * as Server from "./http/Server.ts"
import * as Providers from "./model/Providers.ts"
import * as Rules from "./model/Rules.ts"
import * as Postgres from "./queue/JobStore/Postgres.ts"
import type { WorkerInfo } from "./queue/JobStore.ts"
import * as Queue from "./queue/Queue.ts"
import { QueueSettings } from "./queue/QueueSettings.ts"
import { Dashboard } from "./review/Dashboard.ts"
import * as Dismissals from "./review/Dismissals.ts"
import * as Pauses from "./review/Pauses.ts"
import * as ReviewHandler from "./review/ReviewHandler.ts"
import * as ReviewLog from "./review/ReviewLog.ts"
import { redactSecrets } from "./review/Secrets.ts"
import * as Settings from "./review/Settings.ts"
import * as Untold from "./review/Untold.ts"

export interface ServerSettings {
  readonly database: Config.Database
  readonly github: Config.Github
  readonly server: Config.Server
  readonly queue: Config.Queue
  readonly review: Config.Review
}

/** The operator's database, or the embedded one. */
const databaseUrl = ({ dataDir, url }: Config.Database) =>
  Option.match(url, {
    onNone: () => EmbeddedPostgres.layer({ dataDir }),
    onSome: DatabaseUrl.layer
  })

/** Brings the database up to date; returns what was applied. */
export const migrate = (settings: Config.Database) => Effect.provide(Migrations.run, databaseUrl(settings))

/** A migrated database and the client for it. */
const database = (settings: Config.Database) =>
  Database.layer.pipe(Layer.provideMerge(Layer.provideMerge(Migrations.layer, databaseUrl(settings))))

const queueSettings = (settings: Config.Queue) =>
  Layer.succeed(QueueSettings, {
    ...QueueSettings.defaults,
    concurrency: settings.concurrency,
    maxAttempts: settings.maxAttempts,
    shutdownGrace: settings.shutdownGrace,
    lease: settings.lease,
    perInstallation: settings.perInstallation,
    retainCompleted: settings.retainCompleted,
    retainEnded: settings.retainEnded
  })

const githubSettings = ({ apiUrl, appId, privateKey }: Config.Github) =>
  Layer.succeed(GithubSettings, { ...GithubSettings.defaults, apiUrl, appId, privateKey })

const github = (settings: Config.Github): Layer.Layer<Github> =>
  Layer.provide(GithubRest.layer, githubSettings(settings))

const missedDeliveries = (settings: Config.Github) =>
  MissedDeliveries.layer(settings.sweepEvery).pipe(
    Layer.provide(Layer.provide(HookDeliveries.layer, githubSettings(settings)))
  )

/** Takes jobs and reviews pull requests, and has told what ended in silence: needs a store and a database. */
export const reviewWorker = (
  settings: Pick<ServerSettings, "github" | "queue" | "review">,
  worker: WorkerInfo
) =>
  Queue.worker(worker).pipe(
    Layer.provide(ReviewHandler.layer),
    Layer.provide(
      Layer.mergeAll(
        github(settings.github),
        Settings.layer(Option.getOrElse(settings.review.encryptionKeys, () => [])),
        ReviewLog.layer,
        Dismissals.layer,
        Pauses.layer,
        Providers.layer(settings.review.models).pipe(Layer.provide(FetchHttpClient.layer)),
        Rules.layer,
        Layer.succeed(Dashboard, settings.review.dashboardUrl)
      )
    ),
    Layer.merge(Untold.layer)
  )

/** Tells clients to go elsewhere, before the server stops to listen. */
const sayGoodbye = Layer.scopedDiscard(
  Effect.flatMap(Readiness, (readiness) => Effect.addFinalizer(() => readiness.startDraining))
)

/** The door, and who looks for what did not come through it. */
const webhooks = (settings: Pick<ServerSettings, "github" | "server">) =>
  sayGoodbye.pipe(
    Layer.provide(Routes.layer),
    Layer.provide(Layer.succeed(WebhookSecrets, settings.github.webhookSecrets)),
    Layer.provide(Server.layer(settings.server)),
    Layer.merge(missedDeliveries(settings.github)),
    Layer.provide(Intake.layer(redactSecrets)),
    Layer.provide(Acknowledgements.layer),
    Layer.provide(github(settings.github)),
    Layer.provide(Readiness.layer)
  )

/**
 * The whole service. The webhook server and the worker end side by side, each within its own bound; the store and the
 * database end after both.
 *
 * @param store as `Postgres.layerWith` makes it; with the database's clock when absent
 */
export const server = (settings: ServerSettings, worker: WorkerInfo, store = Postgres.layer) =>
  Layer.mergeAll(webhooks(settings), reviewWorker(settings, worker)).pipe(
    Layer.provide(store),
    Layer.provide(database(settings.database)),
    Layer.provide(queueSettings(settings.queue))
  )
