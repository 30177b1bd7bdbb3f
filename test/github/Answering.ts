/** Plays GitHub by answers that are given, for those that the sandbox, which plays by GitHub's rules, can't give. */
import { generateKeyPairSync } from "node:crypto"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { Effect, Redacted } from "effect"

const { privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" }
})

export type Answer = (request: IncomingMessage, response: ServerResponse) => void

/** JSON as it is written. */
export const raw =
  (status: number, body: string, headers: Readonly<Record<string, string>> = {}): Answer =>
  (_request, response) => {
    response.writeHead(status, { "content-type": "application/json; charset=utf-8", ...headers })
    response.end(body)
  }

export const json = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer =>
  raw(status, JSON.stringify(body), headers)

const token = json(201, { token: "ghs_x", expires_at: "2999-01-01T00:00:00Z" })

/** A server that hands out a token and answers everything else in turn, the last answer for ever. */
export const answering = (...answers: ReadonlyArray<Answer>) =>
  Effect.gen(function* () {
    const requests: Array<string> = []
    const { url } = yield* Effect.acquireRelease(
      Effect.async<{ server: ReturnType<typeof createServer>; url: string }>((resume) => {
        const server = createServer((request, response) => {
          if (request.url?.endsWith("/access_tokens")) return token(request, response)
          const answer = answers[Math.min(requests.length, answers.length - 1)]
          requests.push(`${request.method} ${request.url}`)
          answer?.(request, response)
        })
        server.listen(0, "127.0.0.1", () => {
          const address = server.address()
          const port = typeof address === "object" && address !== null ? address.port : 0
          resume(Effect.succeed({ server, url: `http://127.0.0.1:${port}` }))
        })
      }),
      ({ server }) =>
        Effect.sync(() => {
          server.closeAllConnections()
          server.close()
        })
    )
    return { place: { url, app: { id: 1, privateKey: Redacted.make(privateKey) } }, requests }
  })
