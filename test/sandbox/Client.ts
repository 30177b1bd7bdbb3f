/** A plain HTTP client for the sandbox: it hides nothing of what goes over the wire. */
import { createSign } from "node:crypto"
import { Effect, Redacted } from "effect"
import type { SandboxService } from "../../src/sandbox/SandboxService.ts"

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: unknown
}

/** The field of an answer that is an object. */
export const field = (value: unknown, ...path: ReadonlyArray<string | number>): unknown =>
  path.reduce<unknown>(
    (inside, name) => (typeof inside === "object" && inside !== null ? Reflect.get(inside, name) : undefined),
    value
  )

export class Cut {
  readonly _tag = "Cut"
}

export const send = (
  sandbox: SandboxService,
  method: string,
  path: string,
  options: {
    readonly authorization?: string | undefined
    readonly body?: unknown
    readonly accept?: string
  } = {}
): Effect.Effect<Answer, Cut> =>
  Effect.tryPromise({
    try: async (signal) => {
      const response = await fetch(path.startsWith("http") ? path : `${sandbox.url}${path}`, {
        method,
        signal,
        headers: {
          "user-agent": "holdfast-tests",
          accept: options.accept ?? "application/vnd.github+json",
          ...(options.authorization === undefined ? {} : { authorization: options.authorization }),
          ...(options.body === undefined ? {} : { "content-type": "application/json" })
        },
        ...(options.body === undefined
          ? {}
          : { body: typeof options.body === "string" ? options.body : JSON.stringify(options.body) })
      })
      const text = await response.text()
      return {
        status: response.status,
        headers: response.headers,
        body: text === "" ? undefined : (JSON.parse(text) as unknown)
      }
    },
    catch: () => new Cut()
  })

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url")

/** An app's JWT with the given claims, over sensible ones. */
export const jwt = (
  sandbox: SandboxService,
  claims: { readonly [name: string]: unknown } = {},
  privateKey = Redacted.value(sandbox.app.privateKey)
): string => {
  const now = Math.floor(Date.now() / 1000)
  const text = `${part({ alg: "RS256", typ: "JWT" })}.${part({
    iat: now - 30,
    exp: now + 540,
    iss: sandbox.app.id,
    ...claims
  })}`
  return `${text}.${createSign("RSA-SHA256").update(text).sign(privateKey, "base64url")}`
}

/** A fresh token of an installation, the first when none is named, as an Authorization header. */
export const installationToken = (
  sandbox: SandboxService,
  body?: unknown,
  installation: number = sandbox.installationId
): Effect.Effect<string, Cut> =>
  Effect.map(
    send(sandbox, "POST", `/app/installations/${installation}/access_tokens`, {
      authorization: `bearer ${jwt(sandbox)}`,
      ...(body === undefined ? {} : { body })
    }),
    (answer) => `token ${String(field(answer.body, "token"))}`
  )

export interface Client {
  readonly authorization: string
  readonly get: (path: string) => Effect.Effect<Answer, Cut>
  readonly post: (path: string, body: unknown) => Effect.Effect<Answer, Cut>
  readonly patch: (path: string, body: unknown) => Effect.Effect<Answer, Cut>
  readonly put: (path: string, body: unknown) => Effect.Effect<Answer, Cut>
  readonly delete: (path: string) => Effect.Effect<Answer, Cut>
}

export const clientWith = (sandbox: SandboxService, authorization: string): Client => ({
  authorization,
  get: (path) => send(sandbox, "GET", path, { authorization }),
  post: (path, body) => send(sandbox, "POST", path, { authorization, body }),
  patch: (path, body) => send(sandbox, "PATCH", path, { authorization, body }),
  put: (path, body) => send(sandbox, "PUT", path, { authorization, body }),
  delete: (path) => send(sandbox, "DELETE", path, { authorization })
})

/** A client that acts as an installation of the app, the first when none is named. */
export const client = (sandbox: SandboxService, installation?: number): Effect.Effect<Client, Cut> =>
  Effect.map(installationToken(sandbox, undefined, installation), (authorization) =>
    clientWith(sandbox, authorization)
  )

/** A client that acts as somebody else. */
export const clientAs = (sandbox: SandboxService, login: string): Effect.Effect<Client> =>
  Effect.map(sandbox.tokenFor(login), (token) => clientWith(sandbox, `bearer ${Redacted.value(token)}`))
