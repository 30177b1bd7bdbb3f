/** What reviews a chunk. The providers in `src/model` implement it; the pipeline knows only this. */
import { Context, type Effect, Schema } from "effect"
import type { ChangedFile } from "./Diff.ts"
import type { Finding } from "./Finding.ts"

/** A part of the diff that is reviewed in one call: some files, each with some of its hunks. */
export interface Chunk {
  /** The same for the same content, also after a restart. Different for different content. */
  readonly key: string
  readonly files: ReadonlyArray<ChangedFile>
  /** Estimated size in tokens. */
  readonly tokens: number
}

export interface ModelAnswer {
  readonly findings: ReadonlyArray<Finding>
  readonly inputTokens: number
  readonly outputTokens: number
}

const common = { provider: Schema.String, message: Schema.String }

/** The provider will answer again at `until`. */
export class ModelRateLimited extends Schema.TaggedError<ModelRateLimited>()("ModelRateLimited", {
  ...common,
  until: Schema.DateTimeUtcFromSelf
}) {}
/** 5xx, a time-out, a connection that broke. */
export class ModelOverloaded extends Schema.TaggedError<ModelOverloaded>()("ModelOverloaded", common) {}
/** The model declined to answer. */
export class ModelRefused extends Schema.TaggedError<ModelRefused>()("ModelRefused", common) {}
/** The answer can't be decoded, also after one re-ask. */
export class ModelMalformed extends Schema.TaggedError<ModelMalformed>()("ModelMalformed", common) {}
/** The key is wrong, or not allowed to use the model. */
export class ModelUnauthorized extends Schema.TaggedError<ModelUnauthorized>()("ModelUnauthorized", common) {}

/** There is no such provider in this version. Not a fault of any call; only a change of settings helps. */
export class UnknownProvider extends Schema.TaggedError<UnknownProvider>()("UnknownProvider", common) {}

export type ModelError =
  | ModelRateLimited
  | ModelOverloaded
  | ModelRefused
  | ModelMalformed
  | ModelUnauthorized

/** One model, ready to be asked. */
export interface ReviewModel {
  /** As in `rules` or `anthropic`. */
  readonly provider: string
  /** As the provider names it; the same as `provider` where there is nothing to choose. */
  readonly model: string
  readonly review: (chunk: Chunk) => Effect.Effect<ModelAnswer, ModelError>
}

/** The effective choice of a model for one installation. */
export interface ModelChoice {
  readonly provider: string
}

/** Finds the model for a choice. Fails with a sentence when there is no such provider or it lacks a setting. */
export class ReviewModels extends Context.Tag("holdfast/ReviewModels")<
  ReviewModels,
  {
    readonly select: (choice: ModelChoice) => Effect.Effect<ReviewModel, ModelUnauthorized | UnknownProvider>
  }
>() {}
