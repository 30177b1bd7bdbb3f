/** A receiver of webhooks that keeps what it gets. */
import { createServer, type IncomingHttpHeaders } from "node:http"
import { Effect } from "effect"

interface Received {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Answers with the status that `answer` gives; undefined never answers. */
export const receiver = (answer: () => number | undefined = () => 202) =>
  Effect.gen(function* () {
    const received: Array<Received> = []
    const server = createServer((request, response) => {
      const chunks: Array<Buffer> = []
      request.on("data", (chunk: Buffer) => chunks.push(chunk))
      request.on("end", () => {
        received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() })
        const status = answer()
        if (status !== undefined) response.writeHead(status).end("ok")
      })
    })
    yield* Effect.acquireRelease(
      Effect.async<void>((resume) => {
        server.listen(0, "127.0.0.1", () => resume(Effect.void))
      }),
      () =>
        Effect.async<void>((resume) => {
          server.close(() => resume(Effect.void))
          server.closeAllConnections()
        })
    )
    const address = server.address()
    const port = typeof address === "object" && address !== null ? address.port : 0
    return { url: `http://127.0.0.1:${port}/hook`, received }
  })
