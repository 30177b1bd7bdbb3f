/**
 * Local language models: the services of Anthropic, OpenAI and Azure, and what is compatible with OpenAI's, over HTTP on
 * one port, with their rules for requests and their failures on demand. What the model says is a script. It shares no
 * code with the product, so that agreement between the two means something; requests are held against the vendors'
 * schemas, and the tests hold the answers against the vendors' clients.
 */
import { randomBytes } from "node:crypto"
import { createServer } from "node:http"
import type { ServeError } from "@effect/platform/HttpServerError"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { Clock, Context, Effect, Layer, Redacted, Ref, type Scope } from "effect"
import { cutConnections } from "./CutConnections.ts"
import { anthropicMessages } from "./models/anthropic/AnthropicMessages.ts"
import { writeModelEnding } from "./models/ModelEnding.ts"
import { makeModelExchange } from "./models/ModelExchange.ts"
import { makeModelFaults } from "./models/ModelFaults.ts"
import { makeModelJournal } from "./models/ModelJournal.ts"
import type { ModelSandboxOptions, ModelSandboxService } from "./models/ModelSandboxService.ts"
import { azureDeployment, azureV1 } from "./models/openai/AzureCompletions.ts"
import { chatCompletions } from "./models/openai/ChatCompletions.ts"
import { responses } from "./models/openai/Responses.ts"
import { noFindings, noVerdicts, type Script } from "./models/Script.ts"
import { readRequest } from "./Wire.ts"

const build = Effect.fn("ModelSandbox.make")(function* (options: ModelSandboxOptions) {
  const host = options.host ?? "127.0.0.1"
  const apiKey = options.apiKey ?? Redacted.make(`sk-sandbox-${randomBytes(16).toString("hex")}`)
  const jsonSchema = options.chatJsonSchema ?? true

  const nodeServer = createServer()
  const server = yield* NodeHttpServer.make(() => nodeServer, { port: options.port ?? 0, host })
  const url =
    server.address._tag === "TcpAddress" ? `http://${host}:${server.address.port}` : `http://${host}`

  const script = yield* Ref.make<Script>(options.script ?? (() => noFindings))
  const faults = yield* makeModelFaults
  const journal = yield* makeModelJournal
  const exchange = makeModelExchange({
    formats: [
      anthropicMessages,
      responses,
      chatCompletions(jsonSchema),
      azureDeployment(jsonSchema),
      azureV1(jsonSchema)
    ],
    apiKey,
    otherApiKeys: options.otherApiKeys ?? [],
    script: Effect.map(Ref.get(script), (said): Script => {
      const secondLook = options.secondLook ?? (() => noVerdicts)
      return (question) => (question.schemaName === "second_look" ? secondLook : said)(question)
    }),
    faults,
    journal
  })
  yield* server.serve(
    // The server runs its app uninterruptibly; without this a held answer would outlive its client.
    Effect.interruptible(
      Effect.gen(function* () {
        const request = yield* HttpServerRequest.HttpServerRequest
        return yield* writeModelEnding(request, yield* exchange(yield* readRequest(request, "")))
      })
    )
  )
  yield* Effect.addFinalizer(() => cutConnections(nodeServer))
  const service: ModelSandboxService = {
    url,
    apiKey,
    script: (next) => Ref.set(script, next),
    faults,
    journal
  }
  return service
})

export type { ModelFault } from "./models/ModelFaults.ts"
export type { ModelSandboxOptions, ModelSandboxService } from "./models/ModelSandboxService.ts"
export type { Question } from "./models/Question.ts"
export { tokensOf } from "./models/Tokens.ts"

/** Local language models that run. */
export class ModelSandbox extends Context.Tag("holdfast/sandbox/ModelSandbox")<
  ModelSandbox,
  ModelSandboxService
>() {
  /** Starts them; they stop with the scope. They keep real time, also under a TestClock. */
  static make(
    options: ModelSandboxOptions = {}
  ): Effect.Effect<ModelSandboxService, ServeError, Scope.Scope> {
    return build(options).pipe(Effect.withClock(Clock.make()), Effect.provide(NodeContext.layer))
  }

  static layer(options: ModelSandboxOptions = {}): Layer.Layer<ModelSandbox, ServeError> {
    return Layer.scoped(ModelSandbox, ModelSandbox.make(options))
  }
}
