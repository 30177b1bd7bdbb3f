import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { Layer } from "effect"
import * as Providers from "../../model/Providers.ts"
import * as Rules from "../../model/Rules.ts"

/** The rules, and the models that there are. */
export const reviewers = (models: Providers.ModelSettings) =>
  Layer.merge(Providers.layer(models).pipe(Layer.provide(FetchHttpClient.layer)), Rules.layer)
