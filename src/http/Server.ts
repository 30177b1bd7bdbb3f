/** The HTTP server on Node: says plainly why it can't listen, and ends within a bound. */
import { createServer, type Server } from "node:http"
import type * as Etag from "@effect/platform/Etag"
import type * as HttpPlatform from "@effect/platform/HttpPlatform"
import * as HttpServer from "@effect/platform/HttpServer"
import type * as HttpServerError from "@effect/platform/HttpServerError"
import type * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { Data, Duration, Effect, FiberHandle, Layer, Predicate, Schedule } from "effect"

export interface ServerOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /**
   * How long requests in flight may take once the server is closing. Default 10 seconds: a webhook's answer takes 8
   * at most.
   */
  readonly closeWithin?: Duration.DurationInput
}

/** The server can't listen. The message says why, and what to do. */
export class CannotListen extends Data.TaggedError("CannotListen")<{
  readonly code: string
  readonly message: string
}> {}

const explain = ({ host, port }: ServerOptions, code: string): string => {
  switch (code) {
    case "EADDRINUSE":
      return `Port ${port} on ${host} is taken. Stop the program that listens there, or set PORT to another port (0 takes a free one).`
    case "EADDRNOTAVAIL":
      return `This machine has no address ${host}. Set HOST to one of its addresses, such as 127.0.0.1, or to 0.0.0.0 for all.`
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `The host name ${host} can't be resolved. Set HOST to an address of this machine, such as 127.0.0.1.`
    case "EACCES":
      return `This user may not listen on port ${port}. Set PORT to one from 1024 on, or give the user the right to.`
    default:
      return `The server can't listen on ${host}, port ${port} (${code}). Check HOST and PORT.`
  }
}

const codeOf = (cause: unknown): string =>
  Predicate.hasProperty(cause, "code") && Predicate.isString(cause.code) ? cause.code : "unknown error"

const cannotListen = (options: ServerOptions) => (error: HttpServerError.ServeError) => {
  const code = codeOf(error.cause)
  return new CannotListen({ code, message: explain(options, code) })
}

/**
 * A client that sends its request bit by bit, or not at all, loses its connection instead of keeping it.
 * Between requests a connection may rest longer than the usual proxy keeps its own (60 seconds), so that it is the
 * proxy that ends it and no request meets a connection that has just been closed.
 */
const timeouts = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 2_000
}

/** Answers when the routes do not listen: before they begin and after they ended. */
const refuseUnrouted = (server: Server): void => {
  server.on("request", (_request, response) => {
    if (server.listenerCount("request") > 1) return
    response.writeHead(503, { connection: "close", "content-type": "application/json", "retry-after": "10" })
    response.end(JSON.stringify({ error: "the process is shutting down" }))
  })
}

/**
 * Helps a server that is closing to its end. Node closes the connections that are idle at that moment; those whose
 * last answer comes later it would keep for the keep-alive timeout, and a socket that never sent a request for ever.
 */
const cutConnections = (server: Server, within: Duration.DurationInput): Effect.Effect<void> =>
  Effect.sync(() => server.closeIdleConnections()).pipe(
    Effect.repeat(Schedule.spaced("50 millis")),
    Effect.timeoutOption(within),
    Effect.zipRight(Effect.sync(() => server.closeAllConnections())),
    Effect.interruptible
  )

const make = (options: ServerOptions) =>
  Effect.gen(function* () {
    const server = createServer(timeouts)
    refuseUnrouted(server)
    // The scope ends in reverse: the cutter starts, the server closes, the cutter is stopped.
    const cutter = yield* FiberHandle.make()
    const httpServer = yield* NodeHttpServer.make(() => server, {
      host: options.host,
      port: options.port
    }).pipe(Effect.mapError(cannotListen(options)))
    yield* Effect.addFinalizer(() =>
      FiberHandle.run(cutter, cutConnections(server, options.closeWithin ?? Duration.seconds(10)))
    )
    yield* HttpServer.addressFormattedWith((address) => Effect.logInfo(`Listening on ${address}`)).pipe(
      Effect.provideService(HttpServer.HttpServer, httpServer)
    )
    return httpServer
  })

/**
 * The server, which takes requests until its scope closes, then lets those in flight finish, and cuts what is left.
 * Its address is known to `HttpServer.addressWith` and logged.
 */
export const layer = (
  options: ServerOptions
): Layer.Layer<
  HttpServer.HttpServer | HttpPlatform.HttpPlatform | Etag.Generator | NodeContext.NodeContext,
  CannotListen
> => Layer.merge(Layer.scoped(HttpServer.HttpServer, make(options)), NodeHttpServer.layerContext)
