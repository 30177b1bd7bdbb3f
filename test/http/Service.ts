/** The real routes on a real socket over a real database, and what somebody who sends webhooks needs. */
import { createHmac, randomUUID } from "node:crypto"
import { HttpServer } from "@effect/platform"
import { Context, Effect, Layer, Logger, LogLevel, Redacted } from "effect"
import { Acknowledgements } from "../../src/github/Acknowledgements.ts"
import * as Intake from "../../src/github/Intake.ts"
import { WebhookSecrets } from "../../src/github/WebhookSignature.ts"
import { Readiness } from "../../src/http/Readiness.ts"
import * as Routes from "../../src/http/Routes.ts"
import * as Server from "../../src/http/Server.ts"
import * as JobStorePostgres from "../../src/queue/JobStore/Postgres.ts"
import { redactSecrets } from "../../src/review/Secrets.ts"
import * as TestDatabase from "../support/TestDatabase.ts"

export const oldSecret = "the-secret-before-the-rotation"
export const secret = "the-secret-in-use"

/** Every line of the log, as somebody would find it in a file. */
export class Log extends Context.Tag("test/Log")<Log, Array<string>>() {
  static readonly layer: Layer.Layer<Log> = Layer.suspend(() => {
    const lines: Array<string> = []
    const keep = Logger.map(Logger.jsonLogger, (line) => {
      lines.push(line)
    })
    return Layer.mergeAll(
      Layer.succeed(Log, lines),
      Logger.replace(Logger.defaultLogger, keep),
      Logger.minimumLogLevel(LogLevel.All)
    )
  })
}

const secrets = Layer.succeed(WebhookSecrets, [Redacted.make(secret), Redacted.make(oldSecret)])

/** The routes over whatever database is given. */
export const served = Routes.layer.pipe(
  Layer.provideMerge(Server.layer({ host: "127.0.0.1", port: 0, closeWithin: "1 second" })),
  Layer.provideMerge(Intake.layer(redactSecrets)),
  Layer.provideMerge(Layer.succeed(Acknowledgements, { begin: () => Effect.void })),
  Layer.provideMerge(JobStorePostgres.layer),
  Layer.provideMerge(Layer.merge(secrets, Readiness.layer))
)

export const layer = served.pipe(
  Layer.provideMerge(TestDatabase.layer),
  Layer.provideMerge(Log.layer),
  Layer.orDie
)

export const sign = (body: string | Uint8Array, key = secret): string =>
  `sha256=${createHmac("sha256", key).update(body).digest("hex")}`

export interface Post {
  readonly event?: string
  readonly guid?: string
  /** Sent as JSON. */
  readonly payload?: unknown
  /** Sent as it is, instead of the payload. */
  readonly body?: string | Uint8Array
  readonly key?: string
  /** Undefined leaves a header out. */
  readonly headers?: Readonly<Record<string, string | undefined>>
}

export interface Answered {
  readonly status: number
  readonly headers: Headers
  readonly body: Readonly<Record<string, unknown>>
}

const base = HttpServer.addressFormattedWith((address) => Effect.succeed(address))

export const request = (path: string, init: RequestInit = {}) =>
  Effect.flatMap(base, (address) =>
    Effect.promise(async (signal): Promise<Answered> => {
      const response = await fetch(`${address}${path}`, { signal, ...init })
      const text = await response.text()
      return { status: response.status, headers: response.headers, body: text === "" ? {} : JSON.parse(text) }
    })
  )

/** Delivers a webhook as GitHub does, but for what is given. */
export const deliver = ({
  body,
  event = "pull_request",
  guid = randomUUID(),
  headers = {},
  key,
  payload
}: Post) => {
  const bytes = body ?? JSON.stringify(payload)
  const all: Readonly<Record<string, string | undefined>> = {
    "content-type": "application/json",
    "user-agent": "GitHub-Hookshot/044aadd",
    "x-github-event": event,
    "x-github-delivery": guid,
    "x-hub-signature-256": sign(bytes, key),
    ...headers
  }
  const present = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
  return request("/api/github/webhooks", {
    method: "POST",
    body: bytes,
    headers: Object.fromEntries(present)
  })
}

/** An event about a pull request, as narrow as ours are wide. */
export const pullRequestEvent = (changes: {
  readonly action?: string
  readonly number?: number
  readonly sha?: string
  readonly draft?: boolean
  readonly installation?: number
}) => ({
  action: changes.action ?? "opened",
  number: changes.number ?? 7,
  installation: { id: changes.installation ?? 42 },
  repository: { name: "spoon", full_name: "octo/spoon", owner: { login: "octo", type: "Organization" } },
  pull_request: {
    number: changes.number ?? 7,
    title: "Bend it",
    state: "open",
    draft: changes.draft ?? false,
    head: { sha: changes.sha ?? "0123456789abcdef0123456789abcdef01234567" },
    base: { ref: "main" }
  }
})
