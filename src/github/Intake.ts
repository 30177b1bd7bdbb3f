/**
 * The one door for deliveries, whether GitHub brought them or a sweep fetched them: what must not be kept is taken out,
 * the delivery is ingested, and a command is acknowledged.
 */
import type * as SqlClient from "@effect/sql/SqlClient"
import { Context, Effect, Layer } from "effect"
import type { JobStore } from "../queue/JobStore.ts"
import { Acknowledgements } from "./Acknowledgements.ts"
import type { Source } from "./Decision.ts"
import { type Ingested, type IngestUnavailable, ingest } from "./Ingest.ts"
import { type Redact, withoutSecretInTitle } from "./SecretInTitle.ts"
import type { Delivery, IncompleteEvent } from "./WebhookEvent.ts"

/** A job that these make is a command of a person who waits for a sign. */
const commandEvents: ReadonlySet<string> = new Set(["issue_comment", "pull_request_review_comment"])

export class Intake extends Context.Tag("holdfast/Intake")<
  Intake,
  {
    /** Safe to repeat, also at the same time. */
    readonly take: (
      delivery: Delivery,
      source: Source
    ) => Effect.Effect<Ingested, IncompleteEvent | IngestUnavailable>
  }
>() {}

/** @param redact takes secrets out of a title before it is kept */
export const layer = (
  redact: Redact
): Layer.Layer<Intake, never, Acknowledgements | JobStore | SqlClient.SqlClient> =>
  Layer.effect(
    Intake,
    Effect.gen(function* () {
      const context = yield* Effect.context<JobStore | SqlClient.SqlClient>()
      const acknowledgements = yield* Acknowledgements
      /** Only begins to: whoever brought the delivery waits for nothing of it. */
      const acknowledge = ({ event }: Delivery, ingested: Ingested) =>
        commandEvents.has(event) && ingested._tag === "Job" && ingested.created
          ? acknowledgements.begin(ingested.id)
          : Effect.void
      return {
        take: (delivery, source) =>
          withoutSecretInTitle(delivery, redact).pipe(
            Effect.flatMap((clean) => ingest(clean, source)),
            Effect.tap((ingested) => acknowledge(delivery, ingested)),
            Effect.provide(context)
          )
      }
    })
  )
