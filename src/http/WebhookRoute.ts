/** `POST /api/github/webhooks`: answered from one transaction, and told in one line of the log. */
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { Clock, Effect, Option } from "effect"
import { Ingested } from "../github/Ingest.ts"
import { Intake } from "../github/Intake.ts"
import { claimOf, readWebhook } from "./WebhookRequest.ts"

/** Seconds after which a delivery that found the database down may be tried again. */
const retryAfter = 10

interface Told {
  readonly status: number
  /** For the sender. */
  readonly body: Readonly<Record<string, unknown>>
  /** For the log. Never a value of the payload's. */
  readonly outcome: string
}

const told = (ingested: Ingested): Told =>
  Ingested.$match(ingested, {
    Job: ({ created, id }) =>
      created
        ? { status: 202, body: { jobId: id }, outcome: `made job ${id}` }
        : {
            status: 200,
            body: { reason: `job ${id} is for this already`, jobId: id },
            outcome: `job ${id} existed`
          },
    Nothing: ({ reason }) => ({ status: 200, body: { reason }, outcome: reason }),
    Redelivered: ({ jobId, outcome }) => ({
      status: 200,
      body: {
        reason: `this delivery came before: ${outcome}`,
        ...Option.match(jobId, { onNone: () => ({}), onSome: (jobId) => ({ jobId }) })
      },
      outcome: `redelivery: ${outcome}`
    })
  })

const answer = readWebhook.pipe(
  Effect.flatMap((delivery) => Effect.flatMap(Intake, (intake) => intake.take(delivery, "webhook"))),
  Effect.map(told),
  Effect.catchTags({
    Rejected: ({ message, status }) =>
      Effect.succeed<Told>({ status, body: { error: message }, outcome: message }),
    IncompleteEvent: ({ event, message }) => {
      const error = `the event ${event} can't be acted on: ${message}`
      return Effect.succeed<Told>({ status: 400, body: { error }, outcome: error })
    },
    IngestUnavailable: ({ message }) =>
      Effect.succeed<Told>({
        status: 503,
        body: { error: "the database is not available; deliver again later" },
        outcome: message
      })
  })
)

const log = (status: number) =>
  status >= 500 ? Effect.logError : status >= 400 ? Effect.logWarning : Effect.logInfo

const webhook = Effect.gen(function* () {
  const request = yield* HttpServerRequest.HttpServerRequest
  const began = yield* Clock.currentTimeMillis
  const { body, outcome, status } = yield* answer
  const ended = yield* Clock.currentTimeMillis
  const { event, guid } = claimOf(request)
  yield* log(status)("Webhook").pipe(
    Effect.annotateLogs({
      event: Option.getOrElse(event, () => "-"),
      delivery: Option.getOrElse(guid, () => "-"),
      status,
      outcome,
      ms: ended - began
    })
  )
  return HttpServerResponse.unsafeJson(body, {
    status,
    ...(status === 503 ? { headers: { "retry-after": String(retryAfter) } } : {})
  })
})

export const webhookRoutes = HttpRouter.empty.pipe(HttpRouter.post("/api/github/webhooks", webhook))
