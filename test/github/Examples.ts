/** GitHub's own examples of webhook payloads, as @octokit/webhooks-examples keeps them. */
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { Schema } from "effect"

const Payload = Schema.Record({ key: Schema.String, value: Schema.Unknown })
const Definitions = Schema.parseJson(
  Schema.Array(Schema.Struct({ name: Schema.String, examples: Schema.Array(Payload) }))
)

export interface Example {
  /** Such as `pull_request opened 3`. */
  readonly title: string
  readonly event: string
  readonly action: string
  readonly payload: typeof Payload.Type
}

const require = createRequire(import.meta.url)

export const examples: ReadonlyArray<Example> = Schema.decodeSync(Definitions)(
  readFileSync(require.resolve("@octokit/webhooks-examples"), "utf8")
).flatMap(({ examples, name }) =>
  examples.map((payload, index) => {
    const action = typeof payload["action"] === "string" ? payload["action"] : ""
    return { title: `${name} ${action} ${index}`, event: name, action, payload }
  })
)

/** The examples of pull requests that the App's own webhook could deliver. */
export const pullRequests: ReadonlyArray<Example> = examples.filter(
  ({ event, payload }) => event === "pull_request" && payload["installation"] !== undefined
)
