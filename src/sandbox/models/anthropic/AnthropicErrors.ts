/** https://docs.claude.com/en/api/errors */
import type { BetaErrorResponse } from "@effect/ai-anthropic/Generated"
import { gatewayPage } from "../GatewayPage.ts"
import type { Circumstances, Invalid, Problem } from "../Problem.ts"
import { randomId } from "../RandomId.ts"
import type { ModelAnswer } from "../WireFormat.ts"

type ErrorType = (typeof BetaErrorResponse.Encoded)["error"]["type"]

const error = (
  status: number,
  type: ErrorType,
  message: string,
  headers: ModelAnswer["headers"] = {}
): ModelAnswer => {
  const request_id = randomId("req")
  const body: typeof BetaErrorResponse.Encoded = { type: "error", error: { type, message }, request_id }
  return { status, headers: { "request-id": request_id, ...headers }, body }
}

const invalidMessage = ({ at, message, kind }: Invalid): string => {
  const where = at.map(String).join(".")
  const what = kind === "unknown-parameter" ? "Extra inputs are not permitted" : message
  return where === "" ? what : `${where}: ${what}`
}

const limited = ["requests", "input-tokens", "output-tokens", "tokens"]

const rateLimitHeaders = (
  problem: Extract<Problem, { readonly _tag: "RateLimited" }>,
  now: number
): ModelAnswer["headers"] => {
  const { retryAfterSeconds, retryAfterMillis, resetSeconds } = problem
  const reset =
    resetSeconds === undefined
      ? undefined
      : `${new Date(now + resetSeconds * 1000).toISOString().slice(0, -".000Z".length)}Z`
  return {
    ...(retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) }),
    ...(retryAfterMillis === undefined ? {} : { "retry-after-ms": String(retryAfterMillis) }),
    ...(reset === undefined
      ? {}
      : Object.fromEntries(
          limited.flatMap((what) => [
            [`anthropic-ratelimit-${what}-limit`, "50"],
            [`anthropic-ratelimit-${what}-remaining`, "0"],
            [`anthropic-ratelimit-${what}-reset`, reset]
          ])
        ))
  }
}

const serverFailure = (status: 500 | 502 | 503 | 529): ModelAnswer => {
  switch (status) {
    case 500:
      return error(status, "api_error", "Internal server error")
    case 502:
      return { status, headers: {}, body: gatewayPage(status, "Bad Gateway") }
    case 503:
      return error(status, "api_error", "Service unavailable")
    case 529:
      return error(status, "overloaded_error", "Overloaded")
  }
}

export const refuse = (problem: Problem, { model, promptTokens, now }: Circumstances): ModelAnswer => {
  switch (problem._tag) {
    case "RateLimited":
      return error(
        429,
        "rate_limit_error",
        "This request would exceed your organization's rate limit of 50 requests per minute. Please reduce the prompt length or the maximum tokens requested, or try again later.",
        rateLimitHeaders(problem, now)
      )
    case "OutOfCredit":
      return error(
        400,
        "invalid_request_error",
        "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits."
      )
    case "ServerFailure":
      return serverFailure(problem.status)
    case "InvalidKey":
      return error(401, "authentication_error", "invalid x-api-key")
    case "NoKey":
      return error(401, "authentication_error", "x-api-key header is required")
    case "Forbidden":
      return error(
        403,
        "permission_error",
        "Your API key does not have permission to use the specified resource."
      )
    case "UnknownModel":
      return error(404, "not_found_error", `model: ${model}`)
    case "NoSuchPath":
      return error(404, "not_found_error", "Not Found")
    case "ContextTooLong":
      return error(
        400,
        "invalid_request_error",
        `prompt is too long: ${promptTokens + 200_000} tokens > 200000 maximum`
      )
    case "PromptRejected":
      return error(400, "invalid_request_error", "Output blocked by content filtering policy")
    case "NotJson":
      return error(400, "invalid_request_error", "The request body is not valid JSON")
    case "Invalid":
      return error(400, "invalid_request_error", invalidMessage(problem))
  }
}
