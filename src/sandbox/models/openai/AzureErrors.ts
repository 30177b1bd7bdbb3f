/**
 * What Azure's gateway answers by itself, with nothing but a code and a message; the rest comes from the model's server
 * and looks as at OpenAI. https://learn.microsoft.com/en-us/azure/ai-foundry/openai/how-to/quota
 */
import type { Circumstances, Problem } from "../Problem.ts"
import { randomId } from "../RandomId.ts"
import type { ModelAnswer } from "../WireFormat.ts"
import { refuse as openAiRefuse, rateLimitHeaders } from "./OpenAiErrors.ts"

export const azureHeaders = (): ModelAnswer["headers"] => ({ "apim-request-id": randomId("apim") })

const gatewayError = (
  status: number,
  code: string,
  message: string,
  headers: ModelAnswer["headers"] = {}
): ModelAnswer => ({ status, headers: { ...azureHeaders(), ...headers }, body: { error: { code, message } } })

const unfiltered = { filtered: false, severity: "safe" }

/** https://learn.microsoft.com/en-us/azure/ai-foundry/openai/concepts/content-filter */
const promptFiltered = {
  error: {
    message:
      "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your prompt and retry.",
    type: null,
    param: "prompt",
    code: "content_filter",
    status: 400,
    innererror: {
      code: "ResponsibleAIPolicyViolation",
      content_filter_result: {
        hate: unfiltered,
        jailbreak: { filtered: true, detected: true },
        self_harm: unfiltered,
        sexual: unfiltered,
        violence: unfiltered
      }
    }
  }
}

const badKey =
  "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource."

export const refuse = (problem: Problem, circumstances: Circumstances): ModelAnswer => {
  switch (problem._tag) {
    case "RateLimited": {
      const seconds = problem.retryAfterSeconds ?? problem.resetSeconds ?? 60
      const message = `Requests to the ChatCompletions_Create Operation under Azure OpenAI API have exceeded call rate limit of your current OpenAI S0 pricing tier. Please retry after ${seconds} seconds.`
      return gatewayError(429, "429", message, rateLimitHeaders(problem))
    }
    case "InvalidKey":
    case "NoKey":
      return gatewayError(401, "401", badKey)
    case "Forbidden":
      return gatewayError(403, "403", "Access denied due to Virtual Network/Firewall rules.")
    case "UnknownModel":
      return gatewayError(
        404,
        "DeploymentNotFound",
        "The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again."
      )
    case "NoSuchPath":
      return gatewayError(404, "404", "Resource not found")
    case "PromptRejected":
      return { status: 400, headers: azureHeaders(), body: promptFiltered }
    default:
      return openAiRefuse("messages")(problem, circumstances)
  }
}
