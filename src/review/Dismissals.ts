/** Findings of which a person said that they are none, from the table `dismissals`. */
import * as SqlClient from "@effect/sql/SqlClient"
import { Context, Effect, Layer, Schema } from "effect"
import { guarded } from "../database/Database.ts"
import type { DatabaseError } from "../database/DatabaseError.ts"
import type { PullRequestRef } from "../github/Github.ts"

export class Dismissals extends Context.Tag("holdfast/Dismissals")<
  Dismissals,
  {
    /** The fingerprints of the findings that were dismissed on this pull request. */
    readonly of: (pullRequest: PullRequestRef) => Effect.Effect<ReadonlySet<string>, DatabaseError>
    /** Dismisses a finding; once more changes nothing. */
    readonly dismiss: (
      pullRequest: PullRequestRef,
      fingerprint: string,
      login: string
    ) => Effect.Effect<void, DatabaseError>
  }
>() {}

const decodeRows = Schema.decodeUnknown(Schema.Array(Schema.Struct({ fingerprint: Schema.String })))

export const layer: Layer.Layer<Dismissals, never, SqlClient.SqlClient> = Layer.effect(
  Dismissals,
  Effect.map(SqlClient.SqlClient, (sql) => ({
    of: ({ owner, pullRequest, repo }) =>
      sql`
        select fingerprint from dismissals
        where repo_full_name = ${`${owner}/${repo}`} and pr_number = ${pullRequest}`.pipe(
        guarded("Dismissals.of"),
        Effect.flatMap((rows) => Effect.orDie(decodeRows(rows))),
        Effect.map((rows) => new Set(rows.map(({ fingerprint }) => fingerprint)))
      ),
    dismiss: ({ owner, pullRequest, repo }, fingerprint, login) =>
      sql`
        insert into dismissals (repo_full_name, pr_number, fingerprint, dismissed_by)
        values (${`${owner}/${repo}`}, ${pullRequest}, ${fingerprint}, ${login})
        on conflict do nothing`.pipe(guarded("Dismissals.dismiss"), Effect.asVoid)
  }))
)
