import { createHmac, randomUUID } from "node:crypto"
import { type ClientRequest, type IncomingMessage, request } from "node:http"
import { HttpServer } from "@effect/platform"
import { layer } from "@effect/vitest"
import { Effect } from "effect"
import { expect } from "vitest"
import { maxBodyBytes } from "../../src/http/WebhookRequest.ts"
import * as Service from "./Service.ts"

const megabyte = Buffer.alloc(1024 * 1024, " ")

interface Sent {
  readonly status: number | undefined
  /** Bytes that the sender got rid of before it had the answer. */
  readonly sent: number
}

/** Sends by Node's own client, which, unlike fetch, lets us see an answer that comes before the body is sent. */
const send = (
  headers: Readonly<Record<string, string>>,
  write: (request: ClientRequest, sent: (bytes: number) => void) => void
) =>
  HttpServer.addressWith((address) =>
    address._tag === "TcpAddress"
      ? Effect.async<Sent, Error>((resume) => {
          let bytes = 0
          const out = request({
            host: address.hostname,
            port: address.port,
            path: "/api/github/webhooks",
            method: "POST",
            headers: {
              "content-type": "application/json",
              "x-github-event": "ping",
              "x-github-delivery": randomUUID(),
              ...headers
            }
          })
          out.on("response", (incoming: IncomingMessage) => {
            incoming.resume()
            resume(Effect.succeed({ status: incoming.statusCode, sent: bytes }))
            out.destroy()
          })
          out.on("error", (error) => resume(Effect.fail(error)))
          write(out, (more) => {
            bytes += more
          })
          return Effect.sync(() => out.destroy())
        })
      : Effect.dieMessage("no TCP")
  )

const writeFor = (total: number) => (out: ClientRequest, sent: (bytes: number) => void) => {
  const next = (left: number): void => {
    if (left <= 0) {
      out.end()
      return
    }
    const chunk = megabyte.subarray(0, Math.min(left, megabyte.length))
    out.write(chunk, () => {
      sent(chunk.length)
      next(left - chunk.length)
    })
  }
  next(total)
}

const anySignature = { "x-hub-signature-256": `sha256=${"0".repeat(64)}` }

layer(Service.layer, { excludeTestServices: true })("a body of more than 25 MB", (it) => {
  it.effect("is answered with 413 by its announced length, before it is sent", () =>
    Effect.gen(function* () {
      const answered = yield* send(
        { ...anySignature, "content-length": String(maxBodyBytes + 1), expect: "100-continue" },
        (out) => out.flushHeaders()
      )
      expect(answered).toEqual({ status: 413, sent: 0 })
    })
  )

  it.effect("is answered with 413 also when the sender writes all of it before it listens", () =>
    Effect.gen(function* () {
      const answered = yield* Service.deliver({ event: "ping", body: Buffer.alloc(maxBodyBytes + 1, " ") })
      expect(answered).toMatchObject({ status: 413, body: { error: expect.stringContaining("25 MB") } })
    })
  )

  it.effect("is answered with 413 when its length is not announced, as soon as it is too long", () =>
    Effect.gen(function* () {
      const answered = yield* send(anySignature, writeFor(maxBodyBytes * 4))
      expect(answered.status).toBe(413)
      expect(answered.sent).toBeLessThan(maxBodyBytes * 3)
    })
  )

  it.effect("does not keep others out", () =>
    Effect.gen(function* () {
      expect(
        (yield* Service.deliver({ event: "ping", payload: { zen: "Keep it logically awesome." } })).status
      ).toBe(200)
    })
  )
})

layer(Service.layer, { excludeTestServices: true })("a body of just 25 MB", (it) => {
  it.effect("is read and verified, in one piece or in many", () =>
    Effect.gen(function* () {
      const text = JSON.stringify({ zen: "" })
      const body = Buffer.concat([Buffer.from(text), Buffer.alloc(maxBodyBytes - text.length, " ")])
      expect((yield* Service.deliver({ event: "ping", body })).status).toBe(200)
      const signature = createHmac("sha256", Service.secret).update(body).digest("hex")
      const chunked = yield* send({ "x-hub-signature-256": `sha256=${signature}` }, (out) => {
        for (let at = 0; at < body.length; at += 999_983) out.write(body.subarray(at, at + 999_983))
        out.end()
      })
      expect(chunked.status).toBe(200)
    })
  )
})
