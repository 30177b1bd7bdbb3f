/** https://learn.microsoft.com/en-us/azure/ai-foundry/openai/reference#chat-completions */
import { Either } from "effect"
import { pathPattern } from "../../PathPattern.ts"
import type { Asked } from "../Question.ts"
import type { ModelRequest, Turn, WireFormat } from "../WireFormat.ts"
import { azureHeaders, refuse } from "./AzureErrors.ts"
import { bearerToken } from "./BearerToken.ts"
import { completion, readCompletion } from "./ChatCompletions.ts"

/** The path names the deployment, which stands for the model; what the body calls the model does not matter. */
const withModel = (body: unknown, model: string): unknown =>
  typeof body === "object" && body !== null ? { ...body, model } : body

const answer = (asked: Asked, turn: Turn, now: number) => ({
  status: 200,
  headers: azureHeaders(),
  body: {
    ...completion(asked, turn, now),
    prompt_filter_results: [{ prompt_index: 0, content_filter_results: {} }]
  }
})

/** A key of the resource, or a token of Entra ID. */
const apiKey = (headers: ModelRequest["headers"]) => headers["api-key"] ?? bearerToken(headers)

/** `/openai/deployments/{deployment}/chat/completions?api-version=…` */
export const azureDeployment = (jsonSchema: boolean): WireFormat => ({
  vendor: "azure",
  path: pathPattern("/openai/deployments/{deployment}/chat/completions"),
  apiKey,
  read: ({ body, params, query }) =>
    query.has("api-version")
      ? readCompletion(jsonSchema)(withModel(body, params["deployment"] ?? ""))
      : Either.left({ _tag: "NoSuchPath" }),
  answer,
  refuse
})

/** The newer form, which needs no version and takes the deployment as the model. */
export const azureV1 = (jsonSchema: boolean): WireFormat => ({
  vendor: "azure",
  path: pathPattern("/openai/v1/chat/completions"),
  apiKey,
  read: ({ body }) => readCompletion(jsonSchema)(body),
  answer,
  refuse
})
