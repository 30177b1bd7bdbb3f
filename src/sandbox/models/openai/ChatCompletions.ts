/** https://platform.openai.com/docs/api-reference/chat/create */
import {
  type ChatCompletionRequestMessage,
  CreateChatCompletionRequest,
  type CreateChatCompletionResponse
} from "@effect/ai-openai/Generated"
import { Either } from "effect"
import { pathPattern } from "../../PathPattern.ts"
import { decodeBody } from "../DecodeBody.ts"
import { invalid, type Problem } from "../Problem.ts"
import { type Asked, cutOff, saidText } from "../Question.ts"
import { randomId } from "../RandomId.ts"
import { tokensOf } from "../Tokens.ts"
import { refusalText, type Turn, type WireFormat } from "../WireFormat.ts"
import { bearerToken } from "./BearerToken.ts"
import { refuse } from "./OpenAiErrors.ts"
import { type WantedFormat, wantedSchema } from "./WantedFormat.ts"

type Params = typeof CreateChatCompletionRequest.Type
type Message = typeof ChatCompletionRequestMessage.Type
export type Completion = typeof CreateChatCompletionResponse.Encoded

const textOf = (message: Message): ReadonlyArray<string> => {
  const { content } = message
  if (content === undefined || content === null) return []
  return typeof content === "string"
    ? [content]
    : content.flatMap((part) => (part.type === "text" ? [part.text] : []))
}

const spoken = (params: Params, roles: ReadonlyArray<Message["role"]>): string =>
  params.messages
    .filter((message) => roles.includes(message.role))
    .flatMap(textOf)
    .join("\n")

const wanted = ({ response_format: format }: Params): WantedFormat =>
  format?.type === "json_schema"
    ? {
        type: format.type,
        name: format.json_schema.name,
        schema: format.json_schema.schema,
        strict: format.json_schema.strict === true
      }
    : { type: format?.type ?? "text" }

/** Without `jsonSchema`, a server that is too old for it, or too small. */
export const readCompletion =
  (jsonSchema: boolean) =>
  (body: unknown): Either.Either<Asked, Problem> =>
    Either.gen(function* () {
      const params = yield* decodeBody(CreateChatCompletionRequest, body)
      const format = wanted(params)
      if (params.stream === true) {
        return yield* Either.left(invalid(["stream"], "The sandbox does not stream.", "unsupported"))
      }
      if (format.type === "json_schema" && !jsonSchema) {
        return yield* Either.left(
          invalid(
            ["response_format"],
            "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.",
            "unsupported"
          )
        )
      }
      const system = spoken(params, ["system", "developer"])
      const prompt = spoken(params, ["user"])
      return {
        model: params.model,
        system,
        prompt,
        ...(yield* wantedSchema(format, { at: ["response_format"], words: `${system}\n${prompt}` }))
      }
    })

type Choice = Pick<Completion["choices"][number], "finish_reason"> & {
  readonly content: string | null
  readonly refusal: string | null
}

const choice = (turn: Turn): Choice => {
  switch (turn._tag) {
    case "Whole":
      return { content: saidText(turn.said), refusal: null, finish_reason: "stop" }
    case "Truncated":
      return { content: cutOff(turn.said), refusal: null, finish_reason: "length" }
    case "Refused":
      return turn.by === "filter"
        ? { content: null, refusal: null, finish_reason: "content_filter" }
        : { content: null, refusal: refusalText, finish_reason: "stop" }
  }
}

export const completion = (asked: Asked, turn: Turn, now: number): Completion => {
  const { content, refusal, finish_reason } = choice(turn)
  const input = tokensOf(asked.prompt)
  const output = tokensOf(content ?? refusal ?? "")
  return {
    id: randomId("chatcmpl"),
    object: "chat.completion",
    created: Math.floor(now / 1000),
    model: asked.model,
    choices: [{ index: 0, message: { role: "assistant", content, refusal }, logprobs: null, finish_reason }],
    usage: {
      prompt_tokens: input,
      completion_tokens: output,
      total_tokens: input + output,
      prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
      completion_tokens_details: {
        reasoning_tokens: 0,
        audio_tokens: 0,
        accepted_prediction_tokens: 0,
        rejected_prediction_tokens: 0
      }
    }
  }
}

export const chatCompletions = (jsonSchema: boolean): WireFormat => ({
  vendor: "openai-compatible",
  path: pathPattern("/v1/chat/completions"),
  apiKey: bearerToken,
  read: ({ body }) => readCompletion(jsonSchema)(body),
  answer: (asked, turn, now) => ({
    status: 200,
    headers: { "x-request-id": randomId("req") },
    body: completion(asked, turn, now)
  }),
  refuse: refuse("messages")
})
