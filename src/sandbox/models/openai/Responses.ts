/** https://platform.openai.com/docs/api-reference/responses/create */
import {
  CreateResponse,
  EasyInputMessage,
  type InputContent,
  type Response
} from "@effect/ai-openai/Generated"
import { Either, Option, Schema } from "effect"
import { pathPattern } from "../../PathPattern.ts"
import { decodeBody } from "../DecodeBody.ts"
import { invalid, type Problem } from "../Problem.ts"
import { type Asked, cutOff, saidText } from "../Question.ts"
import { randomId } from "../RandomId.ts"
import { tokensOf } from "../Tokens.ts"
import { type ModelRequest, refusalText, type Turn, type WireFormat } from "../WireFormat.ts"
import { bearerToken } from "./BearerToken.ts"
import { refuse } from "./OpenAiErrors.ts"
import { type WantedFormat, wantedSchema } from "./WantedFormat.ts"

type Params = typeof CreateResponse.Type
type Answer = typeof Response.Encoded

const decodeMessage = Schema.decodeUnknownOption(Schema.typeSchema(EasyInputMessage))

const textOf = (content: string | ReadonlyArray<typeof InputContent.Type>): ReadonlyArray<string> =>
  typeof content === "string"
    ? [content]
    : content.flatMap((part) => (part.type === "input_text" ? [part.text] : []))

/** What was said in one of these roles. */
const spoken = ({ input }: Params, roles: ReadonlyArray<string>): ReadonlyArray<string> => {
  if (input === undefined) return []
  if (typeof input === "string") return roles.includes("user") ? [input] : []
  return input.flatMap((item) =>
    Option.match(decodeMessage(item), {
      onNone: () => [],
      onSome: (message) => (roles.includes(message.role) ? textOf(message.content) : [])
    })
  )
}

const wanted = ({ text }: Params): WantedFormat => {
  const format = text?.format
  return format?.type === "json_schema"
    ? { type: format.type, name: format.name, schema: format.schema, strict: format.strict === true }
    : { type: format?.type ?? "text" }
}

const read = ({ body }: ModelRequest): Either.Either<Asked, Problem> =>
  Either.gen(function* () {
    const params = yield* decodeBody(CreateResponse, body)
    if (params.stream === true) {
      return yield* Either.left(invalid(["stream"], "The sandbox does not stream.", "unsupported"))
    }
    if (params.model === undefined) {
      return yield* Either.left(invalid(["model"], "Missing required parameter: 'model'.", "unsupported"))
    }
    const system = [
      ...(params.instructions === undefined ? [] : [params.instructions]),
      ...spoken(params, ["system", "developer"])
    ].join("\n")
    const prompt = spoken(params, ["user"]).join("\n")
    return {
      model: params.model,
      system,
      prompt,
      ...(yield* wantedSchema(wanted(params), { at: ["text", "format"], words: `${system}\n${prompt}` }))
    }
  })

type Content = Extract<Answer["output"][number], { readonly type: "message" }>["content"]

interface Ended {
  readonly content: Content
  /** In tokens. */
  readonly length: number
  readonly incomplete: "max_output_tokens" | "content_filter" | undefined
}

const outputText = (text: string): Content => [{ type: "output_text", text, annotations: [], logprobs: [] }]

const ended = (turn: Turn): Ended => {
  switch (turn._tag) {
    case "Whole": {
      const text = saidText(turn.said)
      return { content: outputText(text), length: tokensOf(text), incomplete: undefined }
    }
    case "Truncated": {
      const text = cutOff(turn.said)
      return { content: outputText(text), length: tokensOf(text), incomplete: "max_output_tokens" }
    }
    case "Refused":
      return turn.by === "filter"
        ? { content: [], length: 0, incomplete: "content_filter" }
        : {
            content: [{ type: "refusal", refusal: refusalText }],
            length: tokensOf(refusalText),
            incomplete: undefined
          }
  }
}

const response = (asked: Asked, turn: Turn, now: number): Answer => {
  const { content, length, incomplete } = ended(turn)
  const status = incomplete === undefined ? "completed" : "incomplete"
  const input = tokensOf(asked.prompt)
  return {
    id: randomId("resp"),
    object: "response",
    created_at: Math.floor(now / 1000),
    status,
    error: null,
    incomplete_details: incomplete === undefined ? null : { reason: incomplete },
    instructions: null,
    model: asked.model,
    output:
      content.length === 0
        ? []
        : [{ id: randomId("msg"), type: "message", role: "assistant", status, content }],
    parallel_tool_calls: true,
    tools: [],
    tool_choice: "auto",
    temperature: 1,
    top_p: 1,
    metadata: {},
    service_tier: "default",
    usage: {
      input_tokens: input,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: length,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: input + length
    }
  }
}

export const responses: WireFormat = {
  vendor: "openai",
  path: pathPattern("/v1/responses"),
  apiKey: bearerToken,
  read,
  answer: (asked, turn, now) => ({
    status: 200,
    headers: { "x-request-id": randomId("req") },
    body: response(asked, turn, now)
  }),
  refuse: refuse("input")
}
