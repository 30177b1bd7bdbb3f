/**
 * Whatever speaks chat completions at a base URL: Ollama, vLLM, OpenRouter, Azure, Gemini's compatible endpoint.
 *
 * https://platform.openai.com/docs/api-reference/chat/create,
 * https://learn.microsoft.com/en-us/azure/ai-services/openai/reference
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { DateTime, Effect, Either, JSONSchema, Option, ParseResult, Redacted, Schema } from "effect"
import {
  type AnswerObject,
  ModelOverloaded,
  ModelRefused,
  ModelRejected,
  type Question
} from "../../review/ReviewModel.ts"
import { correctionTurn } from "../Correction.ts"
import type { Access, Correction, Provider, Reply } from "../Provider.ts"
import { refused } from "../Refusal.ts"
import { findJson } from "./FindJson.ts"

const provider = "openai-compatible"

const Completion = Schema.Struct({
  model: Schema.optional(Schema.NullOr(Schema.String)),
  choices: Schema.NonEmptyArray(
    Schema.Struct({
      finish_reason: Schema.optional(Schema.NullOr(Schema.String)),
      message: Schema.Struct({
        content: Schema.optional(Schema.NullOr(Schema.String)),
        refusal: Schema.optional(Schema.NullOr(Schema.String))
      })
    })
  ),
  usage: Schema.optional(
    Schema.NullOr(
      Schema.Struct({
        prompt_tokens: Schema.Number,
        completion_tokens: Schema.optionalWith(Schema.Number, { default: () => 0 })
      })
    )
  )
})
type Completion = typeof Completion.Type

const decodeCompletion = Schema.decodeUnknown(Schema.parseJson(Completion))

/** The endpoint below a base URL, which may carry a query, as Azure's does, or be the endpoint already. */
export const endpointOf = (base: string): string => {
  const url = new URL(base)
  const path = url.pathname.replace(/\/+$/, "")
  url.pathname = path.endsWith("/chat/completions") ? path : `${path}/chat/completions`
  return url.href
}

/** Azure takes the key in a header of its own. */
const isAzure = (endpoint: string): boolean => {
  const { hostname, pathname, searchParams } = new URL(endpoint)
  return (
    hostname.endsWith(".azure.com") ||
    searchParams.has("api-version") ||
    pathname.includes("/openai/deployments/")
  )
}

const authorized = (apiKey: Access["apiKey"], endpoint: string) => {
  if (Option.isNone(apiKey)) return (request: HttpClientRequest.HttpClientRequest) => request
  return isAzure(endpoint)
    ? HttpClientRequest.setHeader("api-key", Redacted.value(apiKey.value))
    : HttpClientRequest.bearerToken(apiKey.value)
}

const inWords = (schema: JSONSchema.JsonSchema7Root) =>
  `\n\nAnswer with one JSON object and nothing else. It must fit this JSON Schema:\n${JSON.stringify(schema)}`

const messagesOf = <A, I extends AnswerObject>(
  { prompt, system }: Question<A, I>,
  correction: Option.Option<Correction>,
  form: string
) => [
  { role: "system", content: `${system}${form}` },
  { role: "user", content: prompt },
  ...Option.match(correction, {
    onNone: () => [],
    onSome: (given) => [
      { role: "assistant", content: given.said },
      { role: "user", content: correctionTurn(given) }
    ]
  })
]

const unreadable = (message: string) =>
  new ModelOverloaded({ provider, message: `${provider}'s answer could not be read: ${message}` })

const read = <A, I extends AnswerObject>(
  question: Question<A, I>,
  { choices: [choice], model, usage }: Completion
): Effect.Effect<Reply<A>, ModelRefused> => {
  const { content, refusal } = choice.message
  const isFiltered = choice.finish_reason === "content_filter"
  if (refusal || isFiltered) {
    const why = refusal || "its answer was held back by a content filter"
    return new ModelRefused({ provider, message: `the model declined: ${why}` })
  }
  const said = content ?? ""
  const value =
    choice.finish_reason === "length"
      ? Either.left("it was cut off: it is too long. Answer with less, the most important first.")
      : Either.mapLeft(
          Schema.decodeUnknownEither(Schema.parseJson(question.answer))(findJson(said)),
          ParseResult.TreeFormatter.formatErrorSync
        )
  return Effect.succeed({
    value: Either.mapLeft(value, (mistake) => ({ said, mistake })),
    model: Option.fromNullable(model),
    inputTokens: usage?.prompt_tokens ?? 0,
    outputTokens: usage?.completion_tokens ?? 0
  })
}

/** What a service has been found not to take. */
interface Dialect {
  /** It knows no JSON Schema: the model is told of the form in words. */
  readonly isPlain: boolean
  readonly limitField: "max_tokens" | "max_completion_tokens"
}

/** A service says with a 400 that it does not know a field; which words it uses for that is its own matter. */
const simpler = (dialect: Dialect, body: string): Option.Option<Dialect> => {
  if (dialect.limitField === "max_tokens" && body.includes("max_completion_tokens"))
    return Option.some({ ...dialect, limitField: "max_completion_tokens" })
  if (!dialect.isPlain && /response_format|json_schema|schema/i.test(body))
    return Option.some({ ...dialect, isPlain: true })
  return Option.none()
}

const requestOf = <A, I extends AnswerObject>(
  { apiKey, model }: Access,
  endpoint: string,
  question: Question<A, I>,
  correction: Option.Option<Correction>,
  dialect: Dialect
) => {
  const schema = JSONSchema.make(question.answer)
  const form = dialect.isPlain
    ? {}
    : {
        response_format: {
          type: "json_schema",
          json_schema: { name: question.name, schema, strict: true }
        }
      }
  return HttpClientRequest.post(endpoint).pipe(
    authorized(apiKey, endpoint),
    HttpClientRequest.bodyUnsafeJson({
      model,
      messages: messagesOf(question, correction, dialect.isPlain ? inWords(schema) : ""),
      [dialect.limitField]: question.maxOutputTokens,
      ...form
    })
  )
}

export const make = (http: HttpClient.HttpClient): Provider => {
  /** By endpoint and model, so that each is found out once. */
  const dialects = new Map<string, Dialect>()

  const send = (request: HttpClientRequest.HttpClientRequest) =>
    http.execute(request).pipe(
      Effect.flatMap(({ headers, status, text }) => Effect.map(text, (body) => ({ status, headers, body }))),
      Effect.catchTags({
        RequestError: (error) =>
          new ModelOverloaded({ provider, message: `${provider} can't be reached: ${error.message}` }),
        ResponseError: (error) => unreadable(error.message)
      })
    )

  return {
    name: provider,
    usualModel: Option.none(),
    ask: (access, question, correction) =>
      Effect.gen(function* () {
        if (Option.isNone(access.url)) {
          const message = `${provider} needs the base URL of a service`
          return yield* new ModelRejected({ provider, message })
        }
        const endpoint = endpointOf(access.url.value)
        const place = `${endpoint} ${access.model}`
        let dialect = dialects.get(place) ?? { isPlain: false, limitField: "max_tokens" }
        let answer = yield* send(requestOf(access, endpoint, question, correction, dialect))
        for (;;) {
          const next = answer.status === 400 ? simpler(dialect, answer.body) : Option.none()
          if (Option.isNone(next)) break
          dialect = next.value
          answer = yield* send(requestOf(access, endpoint, question, correction, dialect))
        }
        if (answer.status < 200 || answer.status > 299)
          return yield* refused(provider, answer, yield* DateTime.now)
        dialects.set(place, dialect)
        const completion = yield* Effect.mapError(decodeCompletion(answer.body), (error) =>
          unreadable(error.message)
        )
        return yield* read(question, completion)
      })
  }
}
