/** Looking: the state as somebody sees it, the journal, and waiting for a request. */
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { Effect, Schema } from "effect"
import type { SandboxService } from "../SandboxService.ts"
import { summarise } from "../Views.ts"

const json = HttpServerResponse.unsafeJson

const StateQuery = Schema.Struct({ viewer: Schema.optional(Schema.String) })

const AwaitQuery = Schema.Struct({
  method: Schema.optional(Schema.String),
  /** In the notation of `PathPattern`. */
  path: Schema.optional(Schema.String),
  nth: Schema.optional(Schema.NumberFromString),
  /** Only requests with a later sequence number. */
  after: Schema.optional(Schema.NumberFromString),
  stage: Schema.optional(Schema.Literal("received", "applied", "finished")),
  /** Seconds to wait before 408; 20 when absent. */
  timeout: Schema.optional(Schema.NumberFromString)
})

/** Without the fields that are undefined. */
const present = <A extends object>(fields: A) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))

export const observeRoutes = (sandbox: SandboxService) => {
  const state = Effect.gen(function* () {
    const { viewer } = yield* HttpServerRequest.schemaSearchParams(StateQuery)
    const all = yield* sandbox.view.state
    return json({ pulls: [...all.pulls.values()].map((pull) => summarise(all, pull, viewer)) })
  })
  const awaitRequest = Effect.gen(function* () {
    const { timeout, ...match } = yield* HttpServerRequest.schemaSearchParams(AwaitQuery)
    return yield* sandbox.journal.awaitRequest(present(match)).pipe(
      Effect.map((entry) => json(entry)),
      Effect.timeoutTo({
        duration: (timeout ?? 20) * 1000,
        onSuccess: (response) => response,
        onTimeout: () => json({ message: "no such request yet" }, { status: 408 })
      })
    )
  })
  return HttpRouter.empty.pipe(
    HttpRouter.get("/state", state),
    HttpRouter.get(
      "/journal",
      Effect.map(sandbox.journal.entries, (entries) => json(entries))
    ),
    HttpRouter.del("/journal", Effect.as(sandbox.journal.clear, json({}))),
    HttpRouter.get("/journal/await", awaitRequest)
  )
}
