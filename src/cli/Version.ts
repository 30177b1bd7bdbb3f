import * as fs from "node:fs"
import { Effect, Schema } from "effect"

const Manifest = Schema.parseJson(Schema.Struct({ version: Schema.String }))

/** This package's version. The manifest is as far away from `src/cli` as from `dist/cli`. */
export const version: Effect.Effect<string> = Effect.sync(() =>
  fs.readFileSync(new URL("../../package.json", import.meta.url), "utf8")
).pipe(
  Effect.flatMap(Schema.decode(Manifest)),
  Effect.map((manifest) => manifest.version),
  Effect.orDie
)
