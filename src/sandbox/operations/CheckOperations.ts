/** https://docs.github.com/en/rest/checks/runs */
import { DateTime, Either, Option, Schema } from "effect"
import {
  type CheckRunFields,
  checkRunsFor,
  createCheckRun,
  findCheckRun,
  updateCheckRun
} from "../github/CheckRuns.ts"
import { renderCheckRun } from "../rendered/RenderedCheckRun.ts"
import { commitOf } from "./ContentOperations.ts"
import { created, decodeBody, ok, operation } from "./Operation.ts"
import { page } from "./Pages.ts"
import { repositoryOf } from "./PullOperations.ts"

const runs = "/repos/{owner}/{repo}/check-runs"
const docs = "checks/runs#"

const fields = {
  external_id: Schema.optional(Schema.String),
  details_url: Schema.optional(Schema.String),
  status: Schema.optional(Schema.Literal("queued", "in_progress", "completed")),
  conclusion: Schema.optional(
    Schema.Literal(
      "action_required",
      "cancelled",
      "failure",
      "neutral",
      "success",
      "skipped",
      "stale",
      "timed_out"
    )
  ),
  started_at: Schema.optional(Schema.String),
  completed_at: Schema.optional(Schema.String),
  output: Schema.optional(
    Schema.Struct({
      title: Schema.optional(Schema.String),
      summary: Schema.optional(Schema.String),
      text: Schema.optional(Schema.String),
      annotations: Schema.optional(Schema.Array(Schema.Unknown)),
      images: Schema.optional(Schema.Array(Schema.Unknown))
    })
  ),
  actions: Schema.optional(
    Schema.Array(
      Schema.Struct({ label: Schema.String, description: Schema.String, identifier: Schema.String })
    )
  )
}
const CreateBody = Schema.Struct({ ...fields, name: Schema.String, head_sha: Schema.String })
const UpdateBody = Schema.Struct({ ...fields, name: Schema.optional(Schema.String) })

const millis = (text: string | undefined): number | undefined =>
  Option.fromNullable(text).pipe(
    Option.flatMap(DateTime.make),
    Option.map(DateTime.toEpochMillis),
    Option.getOrUndefined
  )

const toFields = (body: typeof UpdateBody.Type): CheckRunFields => ({
  name: body.name,
  externalId: body.external_id,
  detailsUrl: body.details_url,
  status: body.status,
  conclusion: body.conclusion,
  startedAt: millis(body.started_at),
  completedAt: millis(body.completed_at),
  output: body.output,
  actions: body.actions
})

const create = operation({
  id: "checks/create",
  method: "POST",
  path: runs,
  access: "token",
  docs: `${docs}create-a-check-run`,
  run: (request, state) =>
    Either.gen(function* () {
      const found = yield* repositoryOf(request, state, "checks", "write")
      const body = yield* decodeBody(CreateBody, request.body)
      const [run, next] = yield* createCheckRun(
        state,
        found,
        { ...toFields(body), name: body.name, headSha: body.head_sha },
        request.now
      )
      return created(renderCheckRun(next, found[1], run, request.urls), next)
    })
})

const get = operation({
  id: "checks/get",
  method: "GET",
  path: `${runs}/{check_run_id}`,
  access: "token",
  docs: `${docs}get-a-check-run`,
  run: (request, state) =>
    Either.gen(function* () {
      const [key, repository] = yield* repositoryOf(request, state, "checks")
      const run = yield* findCheckRun(state, key, request.params["check_run_id"])
      return ok(renderCheckRun(state, repository, run, request.urls))
    })
})

const update = operation({
  id: "checks/update",
  method: "PATCH",
  path: `${runs}/{check_run_id}`,
  access: "token",
  docs: `${docs}update-a-check-run`,
  run: (request, state) =>
    Either.gen(function* () {
      const [key, repository] = yield* repositoryOf(request, state, "checks", "write")
      const found = yield* findCheckRun(state, key, request.params["check_run_id"])
      const body = yield* decodeBody(UpdateBody, request.body)
      const [run, next] = yield* updateCheckRun(state, found, toFields(body), request.now)
      return ok(renderCheckRun(next, repository, run, request.urls), next)
    })
})

const listForRef = operation({
  id: "checks/list-for-ref",
  method: "GET",
  path: "/repos/{owner}/{repo}/commits/{ref}/check-runs",
  access: "token",
  docs: `${docs}list-check-runs-for-a-git-reference`,
  run: ({ query, url, urls, ...request }, state) =>
    Either.gen(function* () {
      const [key, repository] = yield* repositoryOf({ query, url, urls, ...request }, state, "checks")
      const commit = yield* commitOf(repository, request.params["ref"] ?? "")
      const name = query.get("check_name")
      const status = query.get("status")
      const app = query.get("app_id")
      const filter = query.get("filter") === "all" ? "all" : "latest"
      const all = checkRunsFor(state, key, commit.sha, filter).filter(
        (run) =>
          (name === null || run.name === name) &&
          (status === null || run.status === status) &&
          (app === null || Number(app) === state.app.id)
      )
      const { items, headers } = page(all, query, url)
      return {
        ...ok({
          total_count: all.length,
          check_runs: items.map((run) => renderCheckRun(state, repository, run, urls))
        }),
        headers
      }
    })
})

export const checkOperations = [create, get, update, listForRef]
