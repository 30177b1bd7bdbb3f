/** What goes over the wire in the end: an answer, an answer that breaks off, or a connection that is cut. */
import type { ServerResponse } from "node:http"
import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import { Effect } from "effect"
import type { ModelAnswer } from "./WireFormat.ts"

export type ModelEnding =
  | { readonly _tag: "Answer"; readonly answer: ModelAnswer }
  | { readonly _tag: "BreakOff"; readonly answer: ModelAnswer }
  | { readonly _tag: "Reset" }

const contentType = (answer: ModelAnswer): string =>
  typeof answer.body === "string" ? "text/html" : "application/json"

const bytes = ({ body }: ModelAnswer): Buffer =>
  Buffer.from(typeof body === "string" ? body : JSON.stringify(body))

/** A reset could overtake what is under way, and the client would not see that an answer had begun. */
const breakOff = (response: ServerResponse, answer: ModelAnswer): void => {
  const whole = bytes(answer)
  response.writeHead(answer.status, {
    ...answer.headers,
    "content-type": contentType(answer),
    "content-length": whole.length
  })
  response.write(whole.subarray(0, Math.ceil(whole.length / 2)), () => response.socket?.destroySoon())
}

export const writeModelEnding = (
  request: HttpServerRequest.HttpServerRequest,
  ending: ModelEnding
): Effect.Effect<HttpServerResponse.HttpServerResponse> => {
  if (ending._tag === "Answer") {
    const { answer } = ending
    return Effect.succeed(
      HttpServerResponse.uint8Array(bytes(answer), {
        status: answer.status,
        headers: answer.headers,
        contentType: contentType(answer)
      })
    )
  }
  return Effect.zipRight(
    Effect.sync(() => {
      if (ending._tag === "BreakOff") {
        breakOff(NodeHttpServerRequest.toServerResponse(request), ending.answer)
      } else {
        NodeHttpServerRequest.toIncomingMessage(request).socket.resetAndDestroy()
      }
    }),
    // The server interrupts this fiber once it notices that the connection is gone.
    Effect.never
  )
}
