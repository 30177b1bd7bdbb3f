/** The operator's queue as it is: nothing is made and nothing migrated. */
import * as path from "node:path"
import { Effect, Layer, LogLevel, Option } from "effect"
import * as Config from "../../Config.ts"
import * as Database from "../../database/Database.ts"
import { DatabaseUrl } from "../../database/DatabaseUrl.ts"
import * as EmbeddedPostgres from "../../database/EmbeddedPostgres.ts"
import * as Migrations from "../../database/Migrations.ts"
import * as Postgres from "../../queue/JobStore/Postgres.ts"
import { CommandFailed } from "../Failure.ts"
import * as Logging from "../Logging.ts"

/** Joins the embedded server that a running `serve` uses, or starts it for as long as the command takes. */
const embedded = (dataDir: string) =>
  Layer.unwrapEffect(
    Effect.gen(function* () {
      if (yield* EmbeddedPostgres.exists(dataDir)) return EmbeddedPostgres.layer({ dataDir })
      return yield* new CommandFailed({
        message: `There is no queue here: DATABASE_URL is not set, and no embedded PostgreSQL was ever started in ${path.resolve(dataDir)}. Run this where \`holdfast serve\` runs and with its settings, DATABASE_URL or HOLDFAST_DATA_DIR.`
      })
    })
  )

const upToDate = Effect.gen(function* () {
  const missing = yield* Migrations.pending
  if (missing.length === 0) return
  const names = missing.map(({ id, name }) => `${id} (${name})`).join(", ")
  return yield* new CommandFailed({
    message: missing.some(({ id }) => id === 1)
      ? "The database has none of Holdfast's tables yet. Make them with `holdfast migrate`, or start `holdfast serve`. If you expected jobs here, check DATABASE_URL."
      : `The database is older than this version of Holdfast, and lacks migration ${names}. Bring it up to date with \`holdfast migrate\`, or use the version that its workers run.`
  })
})

/** Runs the effect on the queue. Says nothing of its own but warnings. */
export const onTheQueue = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const { database, log } = yield* Config.load({ database: Config.database, log: Config.log })
    const url = Option.match(database.url, {
      onNone: () => embedded(database.dataDir),
      onSome: DatabaseUrl.layer
    })
    const level = LogLevel.Order(log.level, LogLevel.Warning) < 0 ? LogLevel.Warning : log.level
    const queue = Postgres.layer.pipe(
      Layer.provideMerge(Layer.effectDiscard(upToDate)),
      Layer.provideMerge(Database.layer),
      Layer.provide(url),
      Layer.provideMerge(Logging.layer({ ...log, level }))
    )
    return yield* Effect.provide(effect, queue)
  })
