/** All routes, and what holds for every answer. */
import * as Headers from "@effect/platform/Headers"
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServer from "@effect/platform/HttpServer"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { Cause, Effect, Layer } from "effect"
import { healthRoutes } from "./HealthRoutes.ts"
import { Readiness } from "./Readiness.ts"
import { webhookRoutes } from "./WebhookRoute.ts"

/** Answers are data for programs: nothing may be guessed, framed, cached or followed. */
const securityHeaders = {
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store"
}

const allowed: Readonly<Record<string, string>> = {
  "/api/github/webhooks": "POST",
  "/healthz": "GET, HEAD",
  "/readyz": "GET, HEAD"
}

const notFound = Effect.map(HttpServerRequest.HttpServerRequest, ({ url }) => {
  const allow = allowed[url.split("?")[0] ?? ""]
  return allow === undefined
    ? HttpServerResponse.unsafeJson({ error: "there is nothing here" }, { status: 404 })
    : HttpServerResponse.unsafeJson({ error: `only ${allow}` }, { status: 405, headers: { allow } })
})

const polished = (response: HttpServerResponse.HttpServerResponse) =>
  Effect.gen(function* () {
    const readiness = yield* Readiness
    // While the process shuts down, a client that keeps its connection would find nobody at the next request.
    const closing = (yield* readiness.isDraining) ? { connection: "close" } : {}
    return HttpServerResponse.setHeaders(response, { ...securityHeaders, ...closing })
  })

const routes = HttpRouter.concat(webhookRoutes, healthRoutes).pipe(
  Effect.catchTag("RouteNotFound", () => notFound),
  Effect.catchAllCause((cause) =>
    Cause.isInterruptedOnly(cause)
      ? Effect.failCause(cause)
      : Effect.as(
          Effect.logError("A request failed unexpectedly", cause),
          HttpServerResponse.unsafeJson({ error: "unexpected error" }, { status: 500 })
        )
  ),
  Effect.flatMap(polished)
)

/** Headers that tracing must not show, besides those that it hides anyway. */
const secretHeaders = ["x-hub-signature", "x-hub-signature-256"]

/** Serves the routes. */
export const layer = HttpServer.serve(routes).pipe((served) =>
  Layer.locallyWith(served, Headers.currentRedactedNames, (names) => [...names, ...secretHeaders])
)
