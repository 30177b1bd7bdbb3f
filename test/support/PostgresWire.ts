/**
 * PostgreSQL's protocol, as far as proxies need it: where one message ends and the next begins, and the few messages
 * that they write themselves. https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
import type * as net from "node:net"
import { Effect, type Scope } from "effect"

/** One whole message. The first one of a client has no type; here it is `startup`. */
export interface Message {
  readonly type: string
  readonly bytes: Buffer
}

/** Cuts a stream of bytes into messages; what is not whole yet waits for the next bytes. */
export type Decoder = (bytes: Buffer) => ReadonlyArray<Message>

/** @param begins with `startup`, when it is a client that speaks */
export const decoder = (begins: "startup" | "typed"): Decoder => {
  let rest: Buffer = Buffer.alloc(0)
  let started = begins === "typed"
  return (bytes) => {
    rest = Buffer.concat([rest, bytes])
    const whole: Array<Message> = []
    for (;;) {
      // The length counts itself, but not the type before it.
      const head = started ? 1 : 0
      if (rest.length < head + 4) return whole
      const length = head + rest.readInt32BE(head)
      if (rest.length < length) return whole
      const message = rest.subarray(0, length)
      rest = rest.subarray(length)
      whole.push({ type: started ? message.toString("latin1", 0, 1) : "startup", bytes: message })
      started ||= !isRequestForEncryption(message)
    }
  }
}

const encryptionCodes: ReadonlyArray<number> = [80877103, 80877104]

/** A client may ask for TLS or GSSAPI before its startup message. */
export const isRequestForEncryption = (message: Buffer): boolean =>
  message.length === 8 && encryptionCodes.includes(message.readInt32BE(4))

/** A client may connect only to have another connection's statement cancelled. */
export const isCancelRequest = (message: Buffer): boolean =>
  message.length === 16 && message.readInt32BE(4) === 80877102

/** What a client says of itself first: user, database, application_name and settings for its session. */
export type Startup = ReadonlyMap<string, string>

export const startupParameters = (message: Buffer): Startup => {
  const words = message.toString("utf8", 8).split("\0")
  const parameters = new Map<string, string>()
  for (let index = 0; index + 1 < words.length && words[index] !== ""; index += 2) {
    parameters.set(words[index] ?? "", words[index + 1] ?? "")
  }
  return parameters
}

const message = (type: string, body: Buffer): Buffer => {
  const head = Buffer.alloc(5)
  head.write(type)
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

/** The answer to a request for encryption. */
export const noEncryption = Buffer.from("N")

export const authenticationOk = message("R", Buffer.alloc(4))

export const readyForQuery = message("Z", Buffer.from("I"))

/** What a client would need to cancel statements. */
export const backendKeyData = (processId: number): Buffer => {
  const body = Buffer.alloc(8)
  body.writeInt32BE(processId, 0)
  return message("K", body)
}

export interface Refusal {
  readonly sqlState: string
  readonly message: string
}

/** ErrorResponse, after which the server hangs up. */
export const fatal = (refusal: Refusal): Buffer =>
  message("E", Buffer.from(`SFATAL\0VFATAL\0C${refusal.sqlState}\0M${refusal.message}\0\0`))

/** Listens on a free port of this machine for as long as the scope lives, and then cuts the sockets. */
export const listen = (
  server: net.Server,
  sockets: ReadonlySet<net.Socket>
): Effect.Effect<number, never, Scope.Scope> =>
  Effect.gen(function* () {
    yield* Effect.acquireRelease(
      Effect.async<void>((resume) => {
        server.listen(0, "127.0.0.1", () => resume(Effect.void))
      }),
      () =>
        Effect.async<void>((resume) => {
          for (const socket of sockets) socket.destroy()
          server.close(() => resume(Effect.void))
        })
    )
    const address = server.address()
    return address === null || typeof address === "string"
      ? yield* Effect.dieMessage("the proxy has no port")
      : address.port
  })
