/** Who has installed the app: looking, installing it elsewhere, removing and suspending it. */
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { Effect, Schema } from "effect"
import type { SandboxService } from "../SandboxService.ts"
import { renderDelivery } from "./PullRoutes.ts"

const json = HttpServerResponse.unsafeJson
const body = HttpServerRequest.schemaBodyJson

const Installing = Schema.Struct({
  owner: Schema.NonEmptyString,
  type: Schema.optional(Schema.Literal("Organization", "User")),
  repositories: Schema.Array(Schema.NonEmptyString)
})
const Change = Schema.Struct({
  action: Schema.Literal("created", "deleted", "suspend", "unsuspend"),
  /** The first one when absent. */
  installation: Schema.optional(Schema.Int)
})

export const installationRoutes = (sandbox: SandboxService) => {
  const list = Effect.map(sandbox.view.state, ({ installations }) =>
    json(
      [...installations.values()].map(({ account, id, repositories, suspendedAt }) => ({
        id,
        owner: account.login,
        type: account.type,
        repositories: [...repositories],
        suspended: suspendedAt !== undefined
      }))
    )
  )
  const install = Effect.gen(function* () {
    const { delivery, installationId } = yield* sandbox.install(yield* body(Installing))
    return json({ installationId, delivery: renderDelivery(delivery) }, { status: 201 })
  })
  const change = Effect.gen(function* () {
    const { action, installation } = yield* body(Change)
    return json({ delivery: renderDelivery(yield* sandbox.webhooks.installation(action, installation)) })
  })
  return HttpRouter.empty.pipe(
    HttpRouter.get("/installations", list),
    HttpRouter.post("/installations", install),
    HttpRouter.post("/installation", change)
  )
}
