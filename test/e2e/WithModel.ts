/** Holdfast as a process, with a model: what several tests of whole processes need. */
import { PgClient } from "@effect/sql-pg"
import { Effect, Redacted, Schedule, Schema } from "effect"
import type { PullName } from "../../src/sandbox/Controls.ts"
import { ModelSandbox } from "../../src/sandbox/ModelSandbox.ts"
import type { Script } from "../../src/sandbox/models/Script.ts"
import { type Installed, install } from "./Installed.ts"

/**
 * @param changes variables on top of those that choose the local model
 * @param otherApiKeys keys that the model accepts beside the operator's
 */
export const installWithModel = (
  script: Script,
  changes: Readonly<Record<string, string>> = {},
  otherApiKeys: ReadonlyArray<Redacted.Redacted> = []
) =>
  Effect.gen(function* () {
    const models = yield* Effect.orDie(ModelSandbox.make({ script, otherApiKeys }))
    const installed = yield* install({
      HOLDFAST_PROVIDER: "openai-compatible",
      HOLDFAST_MODEL: "reviewer-1",
      HOLDFAST_MODEL_URL: `${models.url}/v1`,
      HOLDFAST_MODEL_KEY: Redacted.value(models.apiKey),
      ...changes
    })
    return { ...installed, models }
  })

/** Rows of the database that the processes work on. */
export const rows = <A, I>(
  { databaseUrl }: Pick<Installed, "databaseUrl">,
  schema: Schema.Schema<A, I>,
  statement: string
) =>
  Effect.gen(function* () {
    const sql = yield* PgClient.PgClient
    return yield* Schema.decodeUnknown(Schema.Array(schema))(yield* sql.unsafe(statement))
  }).pipe(Effect.provide(PgClient.layer({ url: databaseUrl })), Effect.orDie)

/** Looks again until it is so. */
export const until = <A, E>(look: Effect.Effect<A, E>, isSo: (value: A) => boolean) =>
  look.pipe(
    Effect.filterOrFail(isSo, () => "not yet"),
    Effect.retry(Schedule.spaced("50 millis"))
  )

/** The check runs of one commit, oldest first. */
export const checksOf = ({ sandbox }: Pick<Installed, "sandbox">, pull: PullName, headSha: string) =>
  Effect.map(sandbox.view.checkRuns(pull), (checks) => checks.filter((check) => check.headSha === headSha))

/** Files of which each fills a part of its own, with a mark by which a question can be told. */
export const parts = (count: number, mark: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Array.from({ length: count }, (_, part) => [
      `src/part${part}.ts`,
      `${Array.from({ length: 260 }, (_, at) => `export const value${part}_${at} = compute(${at}, "${mark} ${"x".repeat(60)}")`).join("\n")}\n`
    ])
  )
