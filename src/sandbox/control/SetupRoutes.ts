/** What one's own program needs to know of the sandbox, and where the sandbox sends its webhooks. */
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { Duration, Effect, Redacted, Schema } from "effect"
import type { SandboxService } from "../SandboxService.ts"
import { scenarios } from "../scenarios/Scenarios.ts"
import { renderDelivery } from "./PullRoutes.ts"

const json = HttpServerResponse.unsafeJson
const body = HttpServerRequest.schemaBodyJson

const Webhook = Schema.Struct({
  /** Null switches webhooks off. */
  url: Schema.NullOr(Schema.String),
  /** The app's own when absent. */
  secret: Schema.optional(Schema.Redacted(Schema.String))
})
const Advance = Schema.Struct({ seconds: Schema.NonNegative })
const Viewer = Schema.Struct({ login: Schema.String })

export const setupRoutes = (sandbox: SandboxService) => {
  const describe = json({
    url: sandbox.url,
    app: {
      id: sandbox.app.id,
      slug: sandbox.app.slug,
      login: sandbox.app.login,
      // Dummies of this process, shown so that one can try one's own setup.
      privateKey: Redacted.value(sandbox.app.privateKey),
      webhookSecret: Redacted.value(sandbox.app.webhookSecret)
    },
    installationId: sandbox.installationId,
    repository: `${sandbox.owner}/${sandbox.repo}`,
    scenarios: Object.keys(scenarios)
  })
  const webhook = Effect.gen(function* () {
    const { url, secret } = yield* body(Webhook)
    yield* sandbox.webhooks.configure(url ?? undefined, secret)
    return json({})
  })
  const redeliver = Effect.gen(function* () {
    const { guid } = yield* HttpRouter.schemaPathParams(Schema.Struct({ guid: Schema.String }))
    return json(renderDelivery(yield* sandbox.webhooks.redeliver(guid)))
  })
  const advance = Effect.gen(function* () {
    const { seconds } = yield* body(Advance)
    yield* sandbox.clock.advance(Duration.seconds(seconds))
    return json({ now: yield* sandbox.clock.now })
  })
  const token = Effect.gen(function* () {
    const { login } = yield* body(Viewer)
    return json({ token: Redacted.value(yield* sandbox.tokenFor(login)) }, { status: 201 })
  })
  return HttpRouter.empty.pipe(
    HttpRouter.get("/", describe),
    HttpRouter.put("/webhook", webhook),
    HttpRouter.post(
      "/webhook/ping",
      Effect.map(sandbox.webhooks.ping, (delivery) => json({ delivery: renderDelivery(delivery) }))
    ),
    HttpRouter.get(
      "/deliveries",
      Effect.map(sandbox.webhooks.deliveries, (all) => json(all.map(renderDelivery)))
    ),
    HttpRouter.post("/deliveries/:guid/redeliver", redeliver),
    HttpRouter.post("/clock/advance", advance),
    HttpRouter.post("/tokens", token)
  )
}
