/**
 * Who has installed the App, kept true by webhooks that may come late, twice or in the wrong order.
 *
 * - GitHub never uses an installation's id again, so `deleted` is final: nothing that arrives later brings it back.
 * - Otherwise the state with the latest time of GitHub's own wins, and of two with the same time the later arrival.
 *   `updated_at` is that time.
 * - An installation that another event mentions becomes known with what the event says. Its time is then 1970, so that
 *   the installation's own events win.
 */
import * as SqlClient from "@effect/sql/SqlClient"
import type * as SqlError from "@effect/sql/SqlError"
import * as SqlSchema from "@effect/sql/SqlSchema"
import { DateTime, Effect, Option, Schema } from "effect"
import type { InstallationAccount, InstallationSighting, InstallationState } from "./WebhookEvent.ts"

const time = (at: Option.Option<DateTime.Utc>): Date | null =>
  Option.getOrNull(Option.map(at, DateTime.toDateUtc))

/** GitHub's name for an account that is gone. */
const ghost: InstallationAccount = { login: "ghost", type: "User" }

/** Writes what one of the installation's own events said. Part of the caller's transaction. */
export const keep = (
  state: InstallationState,
  deleted: boolean
): Effect.Effect<void, SqlError.SqlError, SqlClient.SqlClient> =>
  Effect.flatMap(SqlClient.SqlClient, (sql) => {
    const { login, type } = Option.getOrElse(state.account, () => ghost)
    const knowsAccount = Option.isSome(state.account)
    return sql`
      insert into installations
        (id, account_login, account_type, repository_selection, suspended_at, deleted_at, updated_at)
      values (
        ${state.id}, ${login}, ${type}, ${Option.getOrNull(state.repositorySelection)},
        ${time(state.suspendedAt)}, ${deleted ? sql`now()` : sql`null`}, ${DateTime.toDateUtc(state.asOf)}
      )
      on conflict (id) do update set
        account_login = case when ${knowsAccount} then excluded.account_login else installations.account_login end,
        account_type = case when ${knowsAccount} then excluded.account_type else installations.account_type end,
        repository_selection = coalesce(excluded.repository_selection, installations.repository_selection),
        suspended_at = excluded.suspended_at,
        deleted_at = excluded.deleted_at,
        updated_at = excluded.updated_at
      where installations.deleted_at is null
        and (excluded.deleted_at is not null or installations.updated_at <= excluded.updated_at)`
  }).pipe(Effect.asVoid)

/** Makes an installation known that another event mentioned. Part of the caller's transaction. */
export const see = (
  sighting: InstallationSighting
): Effect.Effect<"installed" | "deleted", SqlError.SqlError, SqlClient.SqlClient> =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    SqlSchema.findOne({
      Request: Schema.Void,
      Result: Schema.Struct({ deleted: Schema.Boolean }),
      // A row that this statement inserts is not among those that it selects.
      execute: () => sql`
        with seen as (
          insert into installations (id, account_login, account_type, updated_at)
          values (${sighting.id}, ${sighting.account.login}, ${sighting.account.type}, 'epoch')
          on conflict (id) do nothing
        )
        select deleted_at is not null as deleted from installations where id = ${sighting.id}`
    })()
  ).pipe(
    Effect.catchTag("ParseError", Effect.die),
    Effect.map((row) => (Option.exists(row, ({ deleted }) => deleted) ? "deleted" : "installed"))
  )
