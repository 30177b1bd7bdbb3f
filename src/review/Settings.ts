/** What an installation set for itself, from the table `installation_settings`. */
import * as SqlClient from "@effect/sql/SqlClient"
import { Context, Effect, Layer, Option, type Redacted, Schema } from "effect"
import { guarded } from "../database/Database.ts"
import type { DatabaseError } from "../database/DatabaseError.ts"
import { type ApiKeyUnreadable, decrypt, type EncryptedApiKey, type EncryptionKey } from "./ApiKeyCipher.ts"
import { Severity } from "./Finding.ts"

export const Style = Schema.Literal("chill", "balanced", "strict")

/** None means: as the operator set it. */
export interface InstallationSettings {
  readonly enabled: Option.Option<boolean>
  readonly provider: Option.Option<string>
  readonly model: Option.Option<string>
  /** The installation's own key for its provider. */
  readonly apiKey: Option.Option<Redacted.Redacted>
  readonly ignorePaths: Option.Option<ReadonlyArray<string>>
  readonly maxFiles: Option.Option<number>
  readonly maxComments: Option.Option<number>
  readonly maxTokens: Option.Option<number>
  readonly minSeverity: Option.Option<Severity>
  readonly style: Option.Option<typeof Style.Type>
  readonly instructions: Option.Option<string>
}

export class Settings extends Context.Tag("holdfast/Settings")<
  Settings,
  {
    /** Of an installation without settings of its own all values are none. */
    readonly load: (
      installationId: number
    ) => Effect.Effect<InstallationSettings, DatabaseError | ApiKeyUnreadable>
  }
>() {}

const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.OptionFromNullOr(schema)
const Bytes = Schema.Uint8ArrayFromSelf

const Row = Schema.Struct({
  enabled: optional(Schema.Boolean),
  provider: optional(Schema.String),
  model: optional(Schema.String),
  api_key_ciphertext: optional(Bytes),
  api_key_iv: optional(Bytes),
  api_key_auth_tag: optional(Bytes),
  api_key_key_id: optional(Schema.String),
  ignore_paths: optional(Schema.Array(Schema.String)),
  max_files: optional(Schema.Int),
  max_comments: optional(Schema.Int),
  max_tokens: optional(Schema.Int),
  min_severity: optional(Severity),
  style: optional(Style),
  instructions: optional(Schema.String)
})

const decodeRows = Schema.decodeUnknown(Schema.Array(Row))

/** The settings of an installation that has set nothing. */
export const nothingSet: InstallationSettings = {
  enabled: Option.none(),
  provider: Option.none(),
  model: Option.none(),
  apiKey: Option.none(),
  ignorePaths: Option.none(),
  maxFiles: Option.none(),
  maxComments: Option.none(),
  maxTokens: Option.none(),
  minSeverity: Option.none(),
  style: Option.none(),
  instructions: Option.none()
}

const encryptedKey = (row: typeof Row.Type): Option.Option<EncryptedApiKey> =>
  Option.all({
    ciphertext: row.api_key_ciphertext,
    iv: row.api_key_iv,
    authTag: row.api_key_auth_tag,
    keyId: row.api_key_key_id
  })

/** @param keys the encryption keys that are active */
export const layer = (
  keys: ReadonlyArray<EncryptionKey>
): Layer.Layer<Settings, never, SqlClient.SqlClient> =>
  Layer.effect(
    Settings,
    Effect.map(SqlClient.SqlClient, (sql) => ({
      load: Effect.fn("Settings.load")(function* (installationId: number) {
        const rows = yield* guarded("Settings.load")(
          sql`select * from installation_settings where installation_id = ${installationId}`
        )
        const [row] = yield* Effect.orDie(decodeRows(rows))
        if (row === undefined) return nothingSet
        const apiKey = yield* Effect.transposeMapOption(encryptedKey(row), (stored) =>
          decrypt(keys, installationId, stored)
        )
        return {
          enabled: row.enabled,
          provider: row.provider,
          model: row.model,
          apiKey,
          ignorePaths: row.ignore_paths,
          maxFiles: row.max_files,
          maxComments: row.max_comments,
          maxTokens: row.max_tokens,
          minSeverity: row.min_severity,
          style: row.style,
          instructions: row.instructions
        }
      })
    }))
  )
