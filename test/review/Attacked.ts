/**
 * Holdfast as it is served, in this process, between a local GitHub and local models, with a database of its own: some
 * pull requests are opened, all are reviewed, it is shut down, and what is left everywhere is looked at.
 */
import * as SqlClient from "@effect/sql/SqlClient"
import { Context, Effect, Layer, Schema } from "effect"
import * as Database from "../../src/database/Database.ts"
import { DatabaseUrl } from "../../src/database/DatabaseUrl.ts"
import * as Installations from "../../src/review/Installations.ts"
import type { ControlResult, OpenPull } from "../../src/sandbox/Controls.ts"
import type { CheckRun, Review } from "../../src/sandbox/github/GithubState.ts"
import type { JournalEntry } from "../../src/sandbox/Journal.ts"
import { ModelSandbox } from "../../src/sandbox/ModelSandbox.ts"
import type { ModelJournalEntry } from "../../src/sandbox/models/ModelJournal.ts"
import type { Script } from "../../src/sandbox/models/Script.ts"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import * as TestDatabase from "../support/TestDatabase.ts"
import { serve } from "./Served.ts"

export interface Attack extends OpenPull {
  /** Stands in what the model is asked about this pull request, and in no other. */
  readonly name: string
}

export interface Outcome {
  readonly pull: ControlResult
  /** All of them, pending ones included. */
  readonly reviews: ReadonlyArray<Review>
  readonly checkRuns: ReadonlyArray<CheckRun>
  /** What the model was asked, and what it answered. */
  readonly asked: ReadonlyArray<ModelJournalEntry>
}

export interface Aftermath {
  readonly outcomes: ReadonlyMap<string, Outcome>
  /** Every request that GitHub got. */
  readonly requests: ReadonlyArray<JournalEntry>
  readonly asked: ReadonlyArray<ModelJournalEntry>
  /** At all levels. */
  readonly log: ReadonlyArray<string>
  /** Every row of every table, as JSON. */
  readonly rows: ReadonlyArray<string>
  readonly appLogin: string
}

export interface Plan {
  readonly attacks: ReadonlyArray<Attack>
  readonly script: Script
  /** The installation's. */
  readonly instructions: string
}

const rows = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const tables = yield* sql<{ readonly name: string }>`
    select table_name as name from information_schema.tables
    where table_schema = current_schema() and table_type = 'BASE TABLE'`
  const all = yield* Effect.forEach(
    tables,
    ({ name }) => sql<{ readonly row: string }>`select to_jsonb(one)::text as row from ${sql(name)} one`
  )
  return all.flat().map(({ row }) => row)
})

const run = ({ attacks, instructions, script }: Plan) =>
  Effect.gen(function* () {
    const sandbox = yield* Sandbox.make()
    const models = yield* ModelSandbox.make({ script })
    const url = yield* TestDatabase.url
    const database = Database.layer.pipe(Layer.provide(DatabaseUrl.layer(url)))

    const { log, pulls } = yield* Effect.scoped(
      Effect.gen(function* () {
        const log = yield* serve({ models, sandbox, url })
        yield* sandbox.webhooks.installation("created")
        yield* Installations.change(sandbox.installationId, { instructions }).pipe(Effect.provide(database))
        const opened = yield* Effect.forEach(attacks, (attack) =>
          Effect.map(sandbox.pulls.open(attack), (pull) => [attack.name, pull] as const)
        )
        yield* sandbox.journal.awaitRequest({
          method: "POST",
          path: "/repos/{owner}/{repo}/pulls/{number}/reviews/{id}/events",
          nth: attacks.length
        })
        return { log, pulls: opened }
        // The scope's end is a shutdown: what still runs is finished first.
      })
    )

    const asked = yield* models.journal.entries
    const outcomes = yield* Effect.forEach(pulls, ([name, pull]) =>
      Effect.gen(function* () {
        const outcome: Outcome = {
          pull,
          reviews: yield* sandbox.view.allReviews(pull),
          checkRuns: yield* sandbox.view.checkRuns(pull),
          asked: asked.filter(({ question }) => question?.prompt.includes(name))
        }
        return [name, outcome] as const
      })
    )
    const aftermath: Aftermath = {
      outcomes: new Map(outcomes),
      requests: yield* sandbox.journal.entries,
      asked,
      log,
      rows: yield* Effect.provide(rows, database),
      appLogin: sandbox.app.login
    }
    return aftermath
  })

export class Attacked extends Context.Tag("test/Attacked")<Attacked, Aftermath>() {}

/** Runs it once, for all tests that look at it. */
export const layer = (plan: Plan) => Layer.effect(Attacked, Effect.orDie(Effect.scoped(run(plan))))

const Words = Schema.Struct({
  choices: Schema.NonEmptyArray(Schema.Struct({ message: Schema.Struct({ content: Schema.String }) }))
})

/** The model's words in an answer of the compatible service. */
export const wordsOf = ({ answer }: ModelJournalEntry): string =>
  Schema.decodeUnknownSync(Words)(answer?.body).choices[0].message.content
