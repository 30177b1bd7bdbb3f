/** What people say on pull requests, what they ask of checks, and what they may do. */
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { Effect, Schema } from "effect"
import type { Controls } from "../Controls.ts"
import { renderDelivery } from "./PullRoutes.ts"

const body = HttpServerRequest.schemaBodyJson
const json = HttpServerResponse.unsafeJson

const Saying = Schema.Struct({ login: Schema.String, body: Schema.String })
const Asking = Schema.Struct({ login: Schema.String })
const Pressing = Schema.Struct({ login: Schema.String, identifier: Schema.String })
const Granting = Schema.Struct({ permission: Schema.Literal("admin", "write", "read", "none") })

const params = HttpRouter.schemaPathParams
const repository = { owner: Schema.String, repo: Schema.String }
const pull = { ...repository, number: Schema.NumberFromString }
const onPull = params(Schema.Struct(pull))
const onThread = params(Schema.Struct({ ...pull, thread: Schema.NumberFromString }))
const onRun = params(Schema.Struct({ ...repository, run: Schema.NumberFromString }))
const onCommit = params(Schema.Struct({ ...repository, sha: Schema.String }))
const onPerson = params(Schema.Struct({ ...repository, login: Schema.String }))

export const peopleRoutes = (pulls: Controls) => {
  const comment = Effect.gen(function* () {
    const { commentId, delivery } = yield* pulls.comment(yield* onPull, yield* body(Saying))
    return json({ commentId, delivery: renderDelivery(delivery) }, { status: 201 })
  })
  const reply = Effect.gen(function* () {
    const { thread, ...pull } = yield* onThread
    const { commentId, delivery } = yield* pulls.reply(pull, thread, yield* body(Saying))
    return json({ commentId, delivery: renderDelivery(delivery) }, { status: 201 })
  })
  const resolve = Effect.gen(function* () {
    const { thread, ...pull } = yield* onThread
    yield* pulls.resolve(pull, thread)
    return json({})
  })
  const rerun = Effect.gen(function* () {
    const { run, ...name } = yield* onRun
    const { delivery } = yield* pulls.rerunCheck(name, run, (yield* body(Asking)).login)
    return json({ delivery: renderDelivery(delivery) })
  })
  const press = Effect.gen(function* () {
    const { run, ...name } = yield* onRun
    const { identifier, login } = yield* body(Pressing)
    const { delivery } = yield* pulls.pressAction(name, run, identifier, login)
    return json({ delivery: renderDelivery(delivery) })
  })
  const rerunAll = Effect.gen(function* () {
    const { sha, ...name } = yield* onCommit
    const { delivery } = yield* pulls.rerunChecks(name, sha, (yield* body(Asking)).login)
    return json({ delivery: renderDelivery(delivery) })
  })
  const grant = Effect.gen(function* () {
    const { login, ...name } = yield* onPerson
    yield* pulls.setPermission(name, login, (yield* body(Granting)).permission)
    return json({})
  })
  return HttpRouter.empty.pipe(
    HttpRouter.post("/pulls/:owner/:repo/:number/comments", comment),
    HttpRouter.post("/pulls/:owner/:repo/:number/threads/:thread/replies", reply),
    HttpRouter.post("/pulls/:owner/:repo/:number/threads/:thread/resolve", resolve),
    HttpRouter.post("/checks/:owner/:repo/runs/:run/rerun", rerun),
    HttpRouter.post("/checks/:owner/:repo/runs/:run/press", press),
    HttpRouter.post("/checks/:owner/:repo/commits/:sha/rerun", rerunAll),
    HttpRouter.put("/collaborators/:owner/:repo/:login", grant)
  )
}
