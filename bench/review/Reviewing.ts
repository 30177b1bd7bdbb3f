/** Whole reviews of generated changes, without GitHub and without a queue. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { Duration, Effect, Layer, Option } from "effect"
import * as Providers from "../../src/model/Providers.ts"
import * as Rules from "../../src/model/Rules.ts"
import type { ChangedFile } from "../../src/review/Diff.ts"
import { reviewChange } from "../../src/review/ReviewChange.ts"
import type { ModelSandboxService } from "../../src/sandbox/ModelSandbox.ts"
import { unlimited } from "./Pipeline.ts"

const rulesAlone: Providers.ModelSettings = {
  provider: "rules",
  model: Option.none(),
  fallbackModel: Option.none(),
  url: Option.none(),
  apiKeys: { anthropic: Option.none(), openai: Option.none(), "openai-compatible": Option.none() },
  price: Option.none(),
  timeout: Duration.minutes(1),
  concurrency: 8
}

const at = (models: ModelSandboxService, concurrency: number): Providers.ModelSettings => ({
  ...rulesAlone,
  provider: "openai-compatible",
  model: Option.some("reviewer-1"),
  url: Option.some(`${models.url}/v1`),
  apiKeys: { ...rulesAlone.apiKeys, "openai-compatible": Option.some(models.apiKey) },
  concurrency
})

const reviewers = (settings: Providers.ModelSettings) =>
  Layer.merge(Providers.layer(settings).pipe(Layer.provide(FetchHttpClient.layer)), Rules.layer)

/** With the rules alone. */
export const byRules = reviewers(rulesAlone)

/** With these models, of which so many questions are asked at once. */
export const byModels = (models: ModelSandboxService, concurrency: number) =>
  reviewers(at(models, concurrency))

/** Gives the milliseconds that a review took. */
export const review = (files: () => ReadonlyArray<ChangedFile>) =>
  Effect.gen(function* () {
    const from = performance.now()
    yield* reviewChange({
      source: {
        files: Effect.sync(files),
        textBefore: () => Effect.succeedNone,
        sizeAfter: () => Effect.succeedNone
      },
      policy: unlimited,
      title: "A change",
      progress: () => Effect.void
    })
    return performance.now() - from
  })
