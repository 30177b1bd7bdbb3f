/** `GET /healthz`: the process lives. `GET /readyz`: it can do its work. */
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { Duration, Effect, Option } from "effect"
import * as Migrations from "../database/Migrations.ts"
import { Readiness } from "./Readiness.ts"

/** How long the database may take to answer a probe. Probes commonly give up after a few seconds themselves. */
const patience = Duration.seconds(2)

const databaseReasons = Migrations.pending.pipe(
  Effect.map((pending) => (pending.length === 0 ? [] : [`${pending.length} migrations are not applied`])),
  Effect.tapError((error) => Effect.logDebug(`Not ready: ${error.message}`)),
  Effect.catchTags({
    // Whoever probes needs to know which part fails, not where it is or why.
    DatabaseError: () => Effect.succeed(["the database does not answer"]),
    MigrationError: () => Effect.succeed(["the migrations can't be read"])
  }),
  Effect.timeoutOption(patience),
  Effect.map(Option.getOrElse(() => [`the database does not answer within ${Duration.format(patience)}`]))
)

const readyz = Effect.gen(function* () {
  const readiness = yield* Readiness
  const draining = (yield* readiness.isDraining) ? ["the process is shutting down"] : []
  const reasons = [...draining, ...(yield* databaseReasons)]
  return reasons.length === 0
    ? HttpServerResponse.unsafeJson({ status: "ready" })
    : HttpServerResponse.unsafeJson({ status: "not ready", reasons }, { status: 503 })
})

export const healthRoutes = HttpRouter.empty.pipe(
  HttpRouter.get("/healthz", Effect.succeed(HttpServerResponse.unsafeJson({ status: "alive" }))),
  HttpRouter.get("/readyz", readyz)
)
