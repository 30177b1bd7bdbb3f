/** https://docs.claude.com/en/api/messages */
import { BetaCreateMessageParams, type BetaMessage } from "@effect/ai-anthropic/Generated"
import { Either } from "effect"
import { pathPattern } from "../../PathPattern.ts"
import { decodeBody } from "../DecodeBody.ts"
import { invalid, type Problem } from "../Problem.ts"
import { type Asked, cutOff, type Said, saidText } from "../Question.ts"
import { randomId } from "../RandomId.ts"
import { tokensOf } from "../Tokens.ts"
import type { ModelRequest, Turn, WireFormat } from "../WireFormat.ts"
import { refuse } from "./AnthropicErrors.ts"

type Params = typeof BetaCreateMessageParams.Type
type Message = typeof BetaMessage.Encoded

const textOf = (content: Params["messages"][number]["content"]): ReadonlyArray<string> =>
  typeof content === "string"
    ? [content]
    : content.flatMap((block) => (block.type === "text" ? [block.text] : []))

const systemOf = ({ system }: Params): string =>
  typeof system === "string" ? system : (system ?? []).map((block) => block.text).join("\n")

/** The tool that the model has no choice but to call. */
const forcedTool = (params: Params): Either.Either<Pick<Asked, "schemaName" | "schema">, Problem> => {
  const choice = params.tool_choice
  if (choice?.type !== "tool") return Either.right({ schemaName: undefined, schema: undefined })
  const tool = params.tools?.find((one) => one.name === choice.name)
  return tool === undefined
    ? Either.left(invalid(["tool_choice"], `Tool '${choice.name}' not found in provided tools`))
    : Either.right({
        schemaName: choice.name,
        schema: "input_schema" in tool ? tool.input_schema : undefined
      })
}

const read = (request: ModelRequest): Either.Either<Asked, Problem> =>
  Either.gen(function* () {
    if (request.headers["anthropic-version"] === undefined) {
      return yield* Either.left(invalid(["anthropic-version"], "header is required"))
    }
    const params = yield* decodeBody(BetaCreateMessageParams, request.body)
    if (params.stream === true) {
      return yield* Either.left(invalid(["stream"], "the sandbox does not stream", "unsupported"))
    }
    const said = params.messages.filter((message) => message.role === "user")
    if (said.length === 0) {
      return yield* Either.left(invalid(["messages"], "at least one message is required"))
    }
    return {
      model: params.model,
      system: systemOf(params),
      prompt: said.flatMap((message) => textOf(message.content)).join("\n"),
      ...(yield* forcedTool(params))
    }
  })

const isObject = (value: unknown): value is { readonly [name: string]: unknown } =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const text = (words: string): Message["content"] => [{ type: "text", text: words }]

/** A tool's input is an object; whatever else is said, or said without a tool, is text. */
const toolInput = (asked: Asked, said: Said) =>
  asked.schemaName !== undefined && "json" in said && isObject(said.json)
    ? { name: asked.schemaName, input: said.json }
    : undefined

const toolUse = (name: string, input: { readonly [name: string]: unknown }): Message["content"] => [
  { type: "tool_use", id: randomId("toolu"), name, input }
]

const turnOf = (asked: Asked, turn: Turn): Pick<Message, "content" | "stop_reason"> => {
  if (turn._tag === "Refused") return { content: [], stop_reason: "refusal" }
  const tool = toolInput(asked, turn.said)
  if (turn._tag === "Whole") {
    return tool === undefined
      ? { content: text(saidText(turn.said)), stop_reason: "end_turn" }
      : { content: toolUse(tool.name, tool.input), stop_reason: "tool_use" }
  }
  // Of an input that breaks off, Anthropic gives the properties that were complete.
  return {
    content:
      tool === undefined
        ? text(cutOff(turn.said))
        : toolUse(tool.name, Object.fromEntries(Object.entries(tool.input).slice(0, -1))),
    stop_reason: "max_tokens"
  }
}

const outputTokens = (turn: Turn): number => {
  if (turn._tag === "Refused") return 0
  return tokensOf(turn._tag === "Whole" ? saidText(turn.said) : cutOff(turn.said))
}

const message = (asked: Asked, turn: Turn): Message => ({
  id: randomId("msg"),
  type: "message",
  role: "assistant",
  model: asked.model,
  ...turnOf(asked, turn),
  stop_sequence: null,
  usage: {
    input_tokens: tokensOf(asked.prompt),
    output_tokens: outputTokens(turn),
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
    service_tier: "standard"
  }
})

export const anthropicMessages: WireFormat = {
  vendor: "anthropic",
  path: pathPattern("/v1/messages"),
  apiKey: (headers) => headers["x-api-key"],
  read,
  answer: (asked, turn) => ({
    status: 200,
    headers: { "request-id": randomId("req") },
    body: message(asked, turn)
  }),
  refuse
}
