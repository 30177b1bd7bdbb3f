/** What operators see and set of installations. Of an API key only that there is one. */
import * as SqlClient from "@effect/sql/SqlClient"
import { Effect, Option, Schema } from "effect"
import { guarded, transaction } from "../database/Database.ts"
import type { EncryptedApiKey } from "./ApiKeyCipher.ts"
import { Severity } from "./Finding.ts"
import { Style } from "./Settings.ts"

const nullable = <A, I>(schema: Schema.Schema<A, I>) => Schema.NullOr(schema)

const Installation = Schema.Struct({
  id: Schema.NumberFromString,
  account: Schema.String,
  type: Schema.String,
  state: Schema.Literal("active", "suspended", "deleted"),
  /** Null: as the operator's defaults have it. */
  settings: Schema.Struct({
    enabled: nullable(Schema.Boolean),
    provider: nullable(Schema.String),
    model: nullable(Schema.String),
    has_api_key: Schema.Boolean,
    style: nullable(Style),
    min_severity: nullable(Severity),
    max_comments: nullable(Schema.Int),
    max_files: nullable(Schema.Int),
    max_tokens: nullable(Schema.Int),
    ignore_paths: nullable(Schema.Array(Schema.String)),
    instructions: nullable(Schema.String)
  })
})
export type Installation = typeof Installation.Type

const decode = Schema.decodeUnknown(Schema.Array(Installation))

/** The settings that can be set; null unsets one. */
export type Change = {
  readonly [Name in Exclude<keyof Installation["settings"], "has_api_key">]?: Installation["settings"][Name]
} & { readonly apiKey?: EncryptedApiKey | null }

const select = (sql: SqlClient.SqlClient) => sql`
  select installation.id, account_login as account, account_type as type,
    case
      when deleted_at is not null then 'deleted'
      when suspended_at is not null then 'suspended'
      else 'active'
    end as state,
    json_build_object(
      'enabled', enabled, 'provider', provider, 'model', model, 'has_api_key', api_key_key_id is not null,
      'style', style, 'min_severity', min_severity, 'max_comments', max_comments, 'max_files', max_files,
      'max_tokens', max_tokens, 'ignore_paths', ignore_paths, 'instructions', instructions
    ) as settings
  from installations installation
  left join installation_settings on installation_id = installation.id`

/** By account. */
export const list = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql`${select(sql)} order by lower(account_login), installation.id`
  return yield* Effect.orDie(decode(rows))
}).pipe(guarded("Installations.list"))

export const find = (id: number) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const [found] = yield* Effect.orDie(decode(yield* sql`${select(sql)} where installation.id = ${id}`))
    return Option.fromNullable(found)
  }).pipe(guarded("Installations.find"))

const columnsOf = ({ apiKey, ...settings }: Change): Record<string, unknown> => ({
  ...settings,
  ...(apiKey === undefined
    ? {}
    : {
        api_key_ciphertext: apiKey?.ciphertext ?? null,
        api_key_iv: apiKey?.iv ?? null,
        api_key_auth_tag: apiKey?.authTag ?? null,
        api_key_key_id: apiKey?.keyId ?? null
      })
})

/** Changes what is given and leaves the rest. The installation has to be known. */
export const change = (id: number, wanted: Change) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* sql`insert into installation_settings (installation_id) values (${id}) on conflict do nothing`
    yield* sql`
      update installation_settings set ${sql.update(columnsOf(wanted))}, updated_at = now()
      where installation_id = ${id}`
  }).pipe(transaction("Installations.change"))
