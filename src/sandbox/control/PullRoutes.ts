/** Opening and changing pull requests. Each answer carries what became of the webhook. */
import * as HttpRouter from "@effect/platform/HttpRouter"
import type * as HttpServerError from "@effect/platform/HttpServerError"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { Effect, type ParseResult, Schema } from "effect"
import type { ControlResult, Controls } from "../Controls.ts"
import type { Delivery } from "../github/Delivery.ts"
import { FileEdits, PullSource, readPullSource, toEdits } from "./PullSource.ts"

const Details = Schema.Struct({
  owner: Schema.optional(Schema.String),
  repo: Schema.optional(Schema.String),
  title: Schema.optional(Schema.String),
  body: Schema.optional(Schema.NullOr(Schema.String)),
  author: Schema.optional(Schema.String),
  draft: Schema.optional(Schema.Boolean),
  labels: Schema.optional(Schema.Array(Schema.String)),
  headBranch: Schema.optional(Schema.String),
  baseBranch: Schema.optional(Schema.String),
  fork: Schema.optional(Schema.String)
})

const Push = Schema.Struct({
  /** Files to put in place on top of the head, as `PullSource` writes them, or null to remove one. */
  edit: FileEdits,
  message: Schema.optional(Schema.String),
  force: Schema.optional(Schema.Boolean),
  keepsReplaced: Schema.optional(Schema.Boolean)
})

const Close = Schema.Struct({ merged: Schema.optional(Schema.Boolean) })
const Rename = Schema.Struct({ title: Schema.String })

const path = HttpRouter.schemaPathParams(
  Schema.Struct({ owner: Schema.String, repo: Schema.String, number: Schema.NumberFromString })
)

/** A delivery without its payload. */
export const renderDelivery = (delivery: Delivery | undefined) =>
  delivery === undefined
    ? null
    : {
        guid: delivery.guid,
        event: delivery.event,
        action: delivery.action,
        redelivery: delivery.redelivery,
        status: delivery.status,
        statusCode: delivery.statusCode,
        responseBody: delivery.responseBody
      }

const answer = (result: ControlResult) =>
  HttpServerResponse.unsafeJson({ ...result, delivery: renderDelivery(result.delivery) })

const body = HttpServerRequest.schemaBodyJson

/** A body that may be left out whole. */
const optionalBody = <A, I>(schema: Schema.Schema<A, I>) =>
  Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) =>
    Effect.flatMap(request.text, (text) =>
      Schema.decode(Schema.parseJson(schema))(text.trim() === "" ? "{}" : text)
    )
  )

type Reading = ReturnType<typeof readPullSource>

export const pullRoutes = (
  pulls: Controls
): HttpRouter.HttpRouter<
  | Effect.Effect.Error<Reading>
  | Effect.Effect.Error<ReturnType<Controls["open"]>>
  | ParseResult.ParseError
  | HttpServerError.RequestError,
  Effect.Effect.Context<Reading>
> => {
  const open = Effect.gen(function* () {
    const given = yield* body(Schema.Struct({ source: PullSource, ...Details.fields }))
    const { source, ...details } = given
    return answer(yield* pulls.open({ ...(yield* readPullSource(source)), ...details }))
  })
  const push = Effect.gen(function* () {
    const { edit, ...details } = yield* body(Push)
    return answer(yield* pulls.push(yield* path, { content: { edit: toEdits(edit) }, ...details }))
  })
  const close = Effect.gen(function* () {
    const { merged } = yield* optionalBody(Close)
    return answer(yield* pulls.close(yield* path, merged))
  })
  const rename = Effect.gen(function* () {
    const { title } = yield* body(Rename)
    return answer(yield* pulls.rename(yield* path, title))
  })
  const one = "/pulls/:owner/:repo/:number"
  return HttpRouter.empty.pipe(
    HttpRouter.post("/pulls", open),
    HttpRouter.post(`${one}/push`, push),
    HttpRouter.post(`${one}/close`, close),
    HttpRouter.post(`${one}/rename`, rename),
    HttpRouter.post(`${one}/reopen`, Effect.map(Effect.flatMap(path, pulls.reopen), answer)),
    HttpRouter.post(`${one}/draft`, Effect.map(Effect.flatMap(path, pulls.convertToDraft), answer)),
    HttpRouter.post(`${one}/ready`, Effect.map(Effect.flatMap(path, pulls.readyForReview), answer))
  )
}
