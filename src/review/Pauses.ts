/** Pull requests whose reviews a person has paused, from the table `pauses`. */
import * as SqlClient from "@effect/sql/SqlClient"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { guarded } from "../database/Database.ts"
import type { DatabaseError } from "../database/DatabaseError.ts"
import type { PullRequestRef } from "../github/Github.ts"
import type { JobId } from "../queue/Job.ts"

/** What a person wants of the reviews of a pull request. */
export interface Wish {
  readonly paused: boolean
  readonly login: string
  /** The command's job. Of two commands the later one holds, in whatever order they are carried out. */
  readonly command: JobId
}

export class Pauses extends Context.Tag("holdfast/Pauses")<
  Pauses,
  {
    /** The login of who has paused the pull request; none when it is not paused. */
    readonly of: (pullRequest: PullRequestRef) => Effect.Effect<Option.Option<string>, DatabaseError>
    readonly set: (pullRequest: PullRequestRef, wish: Wish) => Effect.Effect<void, DatabaseError>
  }
>() {}

const decodeRows = Schema.decodeUnknown(Schema.Array(Schema.Struct({ login: Schema.String })))

export const layer: Layer.Layer<Pauses, never, SqlClient.SqlClient> = Layer.effect(
  Pauses,
  Effect.map(SqlClient.SqlClient, (sql) => ({
    of: ({ owner, pullRequest, repo }) =>
      sql`
        select login from pauses
        where repo_full_name = ${`${owner}/${repo}`} and pr_number = ${pullRequest} and paused`.pipe(
        guarded("Pauses.of"),
        Effect.flatMap((rows) => Effect.orDie(decodeRows(rows))),
        Effect.map(([row]) => Option.map(Option.fromNullable(row), ({ login }) => login))
      ),
    set: ({ owner, pullRequest, repo }, { command, login, paused }) =>
      sql`
        insert into pauses (repo_full_name, pr_number, paused, login, command_job_id)
        values (${`${owner}/${repo}`}, ${pullRequest}, ${paused}, ${login}, ${command})
        on conflict (repo_full_name, pr_number) do update
        set paused = excluded.paused, login = excluded.login, command_job_id = excluded.command_job_id, at = now()
        where pauses.command_job_id < excluded.command_job_id`.pipe(guarded("Pauses.set"), Effect.asVoid)
  }))
)
