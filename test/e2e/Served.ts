/** Holdfast as it is served, in this process, between a local GitHub and local models, with a database of its own. */
import * as SqlClient from "@effect/sql/SqlClient"
import { Effect, Layer, Schedule, type Scope } from "effect"
import * as Database from "../../src/database/Database.ts"
import { DatabaseUrl } from "../../src/database/DatabaseUrl.ts"
import type { OpenPull, PullName } from "../../src/sandbox/Controls.ts"
import { ModelSandbox, type ModelSandboxService } from "../../src/sandbox/ModelSandbox.ts"
import { Sandbox, type SandboxService } from "../../src/sandbox/Sandbox.ts"
import { faults } from "../model/Faults.ts"
import { serve as start } from "../review/Served.ts"
import * as TestDatabase from "../support/TestDatabase.ts"

export interface Served {
  readonly sandbox: SandboxService
  readonly models: ModelSandboxService
  /** Starts the whole service; it ends with the scope. */
  readonly serve: Effect.Effect<void, never, Scope.Scope>
  readonly query: <A extends object>(statement: string) => Effect.Effect<ReadonlyArray<A>>
  readonly log: ReadonlyArray<string>
}

export const make = (
  options: { readonly permissions?: Parameters<typeof Sandbox.make>[0] } = {}
): Effect.Effect<Served, never, Scope.Scope> =>
  Effect.gen(function* () {
    const sandbox = yield* Sandbox.make({
      collaborators: { ann: "write", eve: "read" },
      ...options.permissions
    })
    const models = yield* ModelSandbox.make({
      script: (question) => ({ json: { findings: faults(question) } })
    })
    const url = yield* TestDatabase.url
    const log: Array<string> = []
    const serve = Effect.asVoid(Effect.orDie(start({ models, sandbox, url, log })))
    const database = yield* Layer.build(Database.layer.pipe(Layer.provide(DatabaseUrl.layer(url))))
    const query = <A extends object>(statement: string) =>
      Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe<A>(statement)).pipe(
        Effect.provide(database),
        Effect.orDie
      )
    return { sandbox, models, serve, query, log }
  }).pipe(Effect.orDie)

/** Looks again until it is so. */
export const until = <A, E>(look: Effect.Effect<A, E>, isSo: (value: A) => boolean) =>
  look.pipe(
    Effect.filterOrFail(isSo, () => "not yet"),
    Effect.retry(Schedule.spaced("50 millis")),
    Effect.orDie
  )

const quiet = "version: 1\nreview: { debounce_seconds: 0 }\n"

/** A change with one thing for the model to find, and a configuration that waits for nothing. */
export const faulty = (mark: string, configuration = quiet): OpenPull["content"] => ({
  before: { ".github/holdfast.yml": configuration, "src/a.ts": "export const a = 1\n" },
  after: {
    ".github/holdfast.yml": configuration,
    "src/a.ts": `export const a = 1\nconst WRONG_${mark} = 2\n`
  }
})

/** The comments of the App on the pull request as a whole. */
export const answersOn = ({ sandbox }: Served, pull: PullName) =>
  Effect.map(sandbox.view.comments(pull), (comments) =>
    comments.filter(({ author }) => author?.login === sandbox.app.login).map(({ body }) => body)
  )

export const reactionsTo = ({ sandbox }: Served, pull: PullName, commentId: number) =>
  Effect.map(sandbox.view.comments(pull), (comments) =>
    comments
      .filter(({ id }) => id === commentId)
      .flatMap(({ reactions }) => reactions.map(({ content }) => content))
  )

export interface JobRow {
  readonly id: string
  readonly kind: string
  readonly status: string
  readonly commit_sha: string
  readonly generation: number
  readonly error_message: string | null
}

export const jobsLike = ({ query }: Served, kind: string) =>
  query<JobRow>(
    `select id, kind, status, commit_sha, generation, error_message from review_jobs where kind like '${kind}' order by id`
  )

/** Waits until that many commands are over, and tells how they ended. */
export const commandsOver = (served: Served, count: number) =>
  until(
    jobsLike(served, "command/%"),
    (jobs) =>
      jobs.length === count && jobs.every(({ status }) => status !== "pending" && status !== "processing")
  )

/** Waits until that many reviews are published. */
export const reviewsOf = (served: Served, pull: PullName, count: number) =>
  until(served.sandbox.view.reviews(pull), (reviews) => reviews.length >= count)

export const checksOf = ({ sandbox }: Served, pull: PullName, headSha: string) =>
  Effect.map(sandbox.view.checkRuns(pull), (checks) => checks.filter((check) => check.headSha === headSha))

/** Waits until all check runs of the commit, of which there are some, are over. */
export const checksOver = (served: Served, pull: PullName, headSha: string) =>
  until(
    checksOf(served, pull, headSha),
    (checks) => checks.length > 0 && checks.every(({ status }) => status === "completed")
  )
