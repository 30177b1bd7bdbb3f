/** Asks through @effect/ai, whose errors and answers are put into ours. */
import type * as AiError from "@effect/ai/AiError"
import type * as LanguageModel from "@effect/ai/LanguageModel"
import type * as Prompt from "@effect/ai/Prompt"
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { DateTime, Effect, Either, Option, Ref, type Scope } from "effect"
import {
  type AnswerObject,
  type ModelError,
  ModelOverloaded,
  ModelRefused,
  ModelRejected,
  type Question
} from "../../review/ReviewModel.ts"
import { correctionTurn } from "../Correction.ts"
import type { Correction, Reply } from "../Provider.ts"
import { type Answer, refused } from "../Refusal.ts"

/** What a vendor's answer says besides the object that was asked for. */
export interface Outcome {
  readonly model: string
  readonly inputTokens: number
  readonly outputTokens: number
  /** The model declined; in its words, where it has some. */
  readonly refusal: Option.Option<string>
  readonly isCutOff: boolean
  /** The answer's text, for when it can't be read. */
  readonly text: string
}

export interface Vendor {
  readonly provider: string
  /** Reads an answer's body; none of what is not an answer. */
  readonly outcome: (body: unknown) => Option.Option<Outcome>
  /** The vendor's model, over a client that is seen through. */
  readonly make: (
    transformClient: (client: HttpClient.HttpClient) => HttpClient.HttpClient
  ) => Effect.Effect<LanguageModel.Service, never, Scope.Scope>
}

const promptOf = <A, I extends AnswerObject>(
  question: Question<A, I>,
  correction: Option.Option<Correction>
): Prompt.RawInput => [
  { role: "system", content: question.system },
  { role: "user", content: [{ type: "text", text: question.prompt }] },
  ...Option.match(correction, {
    onNone: () => [],
    onSome: (given): Array<Prompt.MessageEncoded> => [
      { role: "assistant", content: [{ type: "text", text: given.said }] },
      { role: "user", content: [{ type: "text", text: correctionTurn(given) }] }
    ]
  })
]

/**
 * Everything but a refusal by status and an answer of the model's that can't be read. The errors' own messages are not
 * passed on: they list the request's headers, and the key is one of them.
 */
const failed = (provider: string, error: Exclude<AiError.AiError, AiError.MalformedOutput>): ModelError => {
  switch (error._tag) {
    case "HttpRequestError":
      return new ModelOverloaded({
        provider,
        message: `${provider} can't be reached: ${error.description ?? error.reason}`
      })
    case "HttpResponseError":
      return new ModelOverloaded({
        provider,
        message: `${provider}'s answer broke off: ${error.description ?? error.reason}`
      })
    case "MalformedInput":
    case "UnknownError":
      return new ModelRejected({ provider, message: `${provider}: ${error.description ?? error._tag}` })
  }
}

/** What came back, whatever the vendor's client makes of it: it loses what an answer cost, and what it can't decode. */
interface Seen {
  readonly outcome: Option.Option<Outcome>
  /** An answer outside 2xx. */
  readonly refusal: Option.Option<Answer>
}

const nothing: Seen = { outcome: Option.none(), refusal: Option.none() }

const look = (
  response: HttpClientResponse.HttpClientResponse,
  outcome: Vendor["outcome"]
): Effect.Effect<Seen> => {
  const { headers, status } = response
  const seen =
    status >= 200 && status < 300
      ? Effect.map(response.json, (body) => ({ ...nothing, outcome: outcome(body) }))
      : Effect.map(response.text, (body) => ({ ...nothing, refusal: Option.some({ status, headers, body }) }))
  return Effect.orElseSucceed(seen, () => nothing)
}

const cutOff = "it was cut off: it is too long. Answer with less, the most important first."

export const askLanguageModel = <A, I extends AnswerObject>(
  { make, outcome, provider }: Vendor,
  question: Question<A, I>,
  correction: Option.Option<Correction>
): Effect.Effect<Reply<A>, ModelError> =>
  Effect.gen(function* () {
    const seen = yield* Ref.make(nothing)
    const service = yield* make((client) =>
      HttpClient.tap(client, (response) =>
        Effect.flatMap(look(response, outcome), (what) => Ref.set(seen, what))
      )
    )
    const result = yield* Effect.either(
      service.generateObject({
        prompt: promptOf(question, correction),
        schema: question.answer,
        objectName: question.name
      })
    )
    const { outcome: said, refusal } = yield* Ref.get(seen)
    if (Option.isSome(refusal)) return yield* refused(provider, refusal.value, yield* DateTime.now)
    if (Either.isLeft(result) && result.left._tag !== "MalformedOutput")
      return yield* failed(provider, result.left)
    const declined = Option.flatMap(said, ({ refusal }) => refusal)
    if (Option.isSome(declined)) {
      return yield* new ModelRefused({ provider, message: `the model declined: ${declined.value}` })
    }
    const { inputTokens, isCutOff, model, outputTokens, text } = Option.getOrElse(said, () => unseen)
    const value = isCutOff
      ? Either.left(cutOff)
      : Either.mapBoth(result, { onLeft: ({ message }) => message, onRight: ({ value }) => value })
    return {
      value: Either.mapLeft(value, (mistake) => ({ said: text, mistake })),
      model: Option.liftPredicate(model, (name) => name !== ""),
      inputTokens,
      outputTokens
    }
  }).pipe(Effect.scoped)

const unseen: Outcome = {
  model: "",
  inputTokens: 0,
  outputTokens: 0,
  refusal: Option.none(),
  isCutOff: false,
  text: ""
}
