/** Between node's HTTP and an exchange: reads the request, writes the answer, or cuts the connection. */
import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import { Effect } from "effect"
import type { Ending, RawRequest } from "./Exchange.ts"

/**
 * The GraphQL API stands beside the REST API: GitHub Enterprise Server has them at `/api/graphql` and `/api/v3`.
 * https://docs.github.com/en/enterprise-server/graphql/guides/forming-calls-with-graphql#the-graphql-endpoint
 */
const belowBase = (url: string, basePath: string): string => {
  if (url.startsWith(basePath)) return url.slice(basePath.length)
  const beside = basePath.replace(/\/v3$/, "")
  return url === `${beside}/graphql` ? "/graphql" : url
}

/** The request below the base path. */
export const readRequest = (request: HttpServerRequest.HttpServerRequest, basePath: string) =>
  Effect.map(request.text, (body): RawRequest => {
    const below = belowBase(request.url, basePath)
    const [path = "", ...query] = below.split("?")
    return {
      method: request.method,
      path: path === "" ? "/" : path,
      query: query.length === 0 ? "" : `?${query.join("?")}`,
      headers: { ...request.headers },
      body
    }
  })

export const writeEnding = (
  request: HttpServerRequest.HttpServerRequest,
  ending: Ending
): Effect.Effect<HttpServerResponse.HttpServerResponse> => {
  if (ending._tag === "Answer") {
    const { status, body, headers } = ending.answer
    return Effect.succeed(
      body === undefined
        ? HttpServerResponse.empty({ status, headers })
        : HttpServerResponse.text(JSON.stringify(body), {
            status,
            headers,
            contentType: "application/json; charset=utf-8"
          })
    )
  }
  return Effect.zipRight(
    Effect.sync(() => {
      NodeHttpServerRequest.toIncomingMessage(request).socket.resetAndDestroy()
    }),
    // The server interrupts this fiber once it notices that the connection is gone.
    Effect.never
  )
}
