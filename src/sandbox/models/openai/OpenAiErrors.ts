/** https://platform.openai.com/docs/guides/error-codes */
import type { ErrorResponse } from "@effect/ai-openai/Generated"
import { gatewayPage } from "../GatewayPage.ts"
import type { Circumstances, Invalid, Problem } from "../Problem.ts"
import { randomId } from "../RandomId.ts"
import type { ModelAnswer } from "../WireFormat.ts"

interface ErrorParts {
  readonly status: number
  readonly message: string
  readonly type?: string
  readonly param?: string | null
  readonly code?: string | null
  readonly headers?: ModelAnswer["headers"]
}

export const openAiError = (parts: ErrorParts): ModelAnswer => {
  const { status, message, type = "invalid_request_error", param = null, code = null } = parts
  const body: typeof ErrorResponse.Encoded = { error: { message, type, param, code } }
  return { status, headers: { "x-request-id": randomId("req"), ...parts.headers }, body }
}

/** As in `1h2m3s`, the notation of Go, in which the headers say how long something takes. */
const goDuration = (seconds: number): string => {
  const parts = [
    [Math.floor(seconds / 3600), "h"],
    [Math.floor(seconds / 60) % 60, "m"],
    [seconds % 60, "s"]
  ] as const
  const first = parts.findIndex(([amount]) => amount > 0)
  return first === -1
    ? "0s"
    : parts
        .slice(first)
        .map(([amount, unit]) => `${amount}${unit}`)
        .join("")
}

export const rateLimitHeaders = (
  problem: Extract<Problem, { readonly _tag: "RateLimited" }>
): ModelAnswer["headers"] => {
  const { retryAfterSeconds, retryAfterMillis, resetSeconds } = problem
  return {
    ...(retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) }),
    ...(retryAfterMillis === undefined ? {} : { "retry-after-ms": String(retryAfterMillis) }),
    ...(resetSeconds === undefined
      ? {}
      : Object.fromEntries(
          ["requests", "tokens"].flatMap((what) => [
            [`x-ratelimit-limit-${what}`, "500"],
            [`x-ratelimit-remaining-${what}`, "0"],
            [`x-ratelimit-reset-${what}`, goDuration(resetSeconds)]
          ])
        ))
  }
}

const overloaded = (status: number): ModelAnswer =>
  openAiError({
    status,
    type: "server_error",
    message: "The engine is currently overloaded, please try again later"
  })

const serverFailure = (status: 500 | 502 | 503 | 529): ModelAnswer => {
  switch (status) {
    case 500:
      return openAiError({
        status,
        type: "server_error",
        message: "The server had an error while processing your request. Sorry about that!"
      })
    case 502:
      return { status, headers: {}, body: gatewayPage(status, "Bad Gateway") }
    case 503:
    case 529:
      return overloaded(status)
  }
}

/** As in `messages[0].content`. */
const pathText = (path: ReadonlyArray<PropertyKey>): string =>
  path
    .map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`))
    .join("")
    .replace(/^\./, "")

const invalidRequest = ({ at, message, kind }: Invalid): ModelAnswer => {
  const param = at.length === 0 ? null : pathText(at)
  switch (kind) {
    case "unknown-parameter":
      return openAiError({
        status: 400,
        message: `Unknown parameter: '${param}'.`,
        param,
        code: "unknown_parameter"
      })
    case "schema":
      return openAiError({ status: 400, message, param, code: "invalid_json_schema" })
    case "unsupported":
      return openAiError({ status: 400, message, param })
    case "value": {
      const where = param === null ? "" : ` for '${param}'`
      return openAiError({
        status: 400,
        message: `Invalid value${where}: ${message}`,
        param,
        code: "invalid_value"
      })
    }
  }
}

/** The two APIs of OpenAI call what is too long by different names. */
export const refuse =
  (input: "input" | "messages") =>
  (problem: Problem, { model, promptTokens }: Circumstances): ModelAnswer => {
    switch (problem._tag) {
      case "RateLimited": {
        const seconds = problem.retryAfterSeconds ?? problem.resetSeconds
        const again = seconds === undefined ? "" : ` Please try again in ${seconds}s.`
        return openAiError({
          status: 429,
          message: `Rate limit reached for ${model} on requests per min (RPM): Limit 500, Used 500, Requested 1.${again} Visit https://platform.openai.com/account/rate-limits to learn more.`,
          type: "requests",
          code: "rate_limit_exceeded",
          headers: rateLimitHeaders(problem)
        })
      }
      case "OutOfCredit":
        return openAiError({
          status: 429,
          message: "You exceeded your current quota, please check your plan and billing details.",
          type: "insufficient_quota",
          code: "insufficient_quota"
        })
      case "ServerFailure":
        return serverFailure(problem.status)
      case "InvalidKey":
        return openAiError({
          status: 401,
          message:
            "Incorrect API key provided: ********. You can find your API key at https://platform.openai.com/account/api-keys.",
          code: "invalid_api_key"
        })
      case "NoKey":
        return openAiError({
          status: 401,
          message:
            "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY)."
        })
      case "Forbidden":
        return openAiError({
          status: 403,
          message: `Project \`proj_sandbox\` does not have access to model \`${model}\``,
          code: "model_not_found"
        })
      case "UnknownModel":
        return openAiError({
          status: 404,
          message: `The model \`${model}\` does not exist or you do not have access to it.`,
          code: "model_not_found"
        })
      case "NoSuchPath":
        return openAiError({ status: 404, message: "Invalid URL" })
      case "ContextTooLong":
        return openAiError({
          status: 400,
          message:
            input === "input"
              ? "Your input exceeds the context window of this model. Please adjust your input and try again."
              : `This model's maximum context length is 128000 tokens. However, your messages resulted in ${promptTokens + 128_000} tokens. Please reduce the length of the messages.`,
          param: input,
          code: "context_length_exceeded"
        })
      case "PromptRejected":
        return openAiError({
          status: 400,
          message: "Invalid prompt: your prompt was flagged as potentially violating our usage policy.",
          code: "invalid_prompt"
        })
      case "NotJson":
        return openAiError({
          status: 400,
          message: "We could not parse the JSON body of your request."
        })
      case "Invalid":
        return invalidRequest(problem)
    }
  }
