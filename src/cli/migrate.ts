import * as Command from "@effect/cli/Command"
import { Console, Effect } from "effect"
import * as Config from "../Config.ts"
import * as Logging from "./Logging.ts"

/** `holdfast migrate` */
export const migrate = Command.make("migrate", {}, () =>
  Effect.gen(function* () {
    const { database, log } = yield* Config.load({ database: Config.database, log: Config.log })
    const App = yield* Effect.promise(() => import("../App.ts"))
    yield* App.migrate(database).pipe(
      Effect.flatMap((applied) =>
        Console.log(
          applied.length === 0
            ? "The database is up to date."
            : `Applied: ${applied.map(({ id, name }) => `${id} (${name})`).join(", ")}.`
        )
      ),
      Effect.provide(Logging.layer(log))
    )
  })
).pipe(Command.withDescription("Bring the database to this version's tables, and end."))
