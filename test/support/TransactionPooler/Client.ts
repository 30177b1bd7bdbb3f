/** One client of the pooler. */
import * as crypto from "node:crypto"
import type * as net from "node:net"
import * as Wire from "../PostgresWire.ts"
import type { Holder, Server, Servers } from "./Servers.ts"

interface Options {
  readonly socket: net.Socket
  readonly servers: Servers
  readonly ignoreTimeouts: boolean
}

/** What PgBouncer takes in a startup message. https://www.pgbouncer.org/config.html#ignore_startup_parameters */
const taken = [
  ...["user", "database", "application_name", "client_encoding", "datestyle", "timezone"],
  "standard_conforming_strings"
]
const timeouts = ["statement_timeout", "idle_in_transaction_session_timeout"]

/** After each of these the server says ReadyForQuery: Query, Sync, FunctionCall. */
const endsUnit = (type: string) => "QSF".includes(type)

export const serve = ({ ignoreTimeouts, servers, socket }: Options): void => {
  /** Messages of the extended protocol wait for their Sync, so that they go out together. */
  let unit: Array<Wire.Message> = []
  /** Units that wait for a server connection. */
  let unsent: Array<Wire.Message> = []
  let server: Server | undefined
  let asked = false
  let unanswered = 0

  const release = () => {
    if (server === undefined) return
    const free = server
    server = undefined
    servers.giveBack(free)
  }
  const holder: Holder = {
    onMessage: ({ bytes, type }) => {
      // A notification is for whoever has listened, and nobody knows any more who that was.
      if (type === "A") return
      socket.write(bytes)
      if (type !== "Z") return
      unanswered--
      if (unanswered === 0 && bytes.toString("latin1", 5) === "I") release()
    },
    onLost: () => {
      server = undefined
      socket.end(Wire.fatal({ sqlState: "08P01", message: "server conn crashed?" }))
    }
  }
  const forward = (messages: ReadonlyArray<Wire.Message>) => {
    unanswered += messages.filter(({ type }) => endsUnit(type)).length
    server?.socket.write(Buffer.concat(messages.map(({ bytes }) => bytes)))
  }
  const withServer = (then: () => void) => {
    if (server !== undefined) return then()
    if (asked) return
    asked = true
    servers.take(holder, (free) => {
      asked = false
      server = free
      if (socket.destroyed) release()
      else then()
    })
  }
  const sendUnsent = () => {
    const messages = unsent
    unsent = []
    forward(messages)
  }

  const greet = (message: Wire.Message) => {
    if (Wire.isCancelRequest(message.bytes)) return void socket.end()
    const refused = [...Wire.startupParameters(message.bytes).keys()].find(
      (name) => !taken.includes(name.toLowerCase()) && !(ignoreTimeouts && timeouts.includes(name))
    )
    if (refused !== undefined) {
      const refusal = { sqlState: "08P01", message: `unsupported startup parameter: ${refused}` }
      return void socket.end(Wire.fatal(refusal))
    }
    // A server connection is needed this once to tell the client what server it is.
    withServer(() => {
      socket.write(
        Buffer.concat([
          Wire.authenticationOk,
          ...(server?.settings ?? []),
          Wire.backendKeyData(crypto.randomInt(2 ** 31)),
          Wire.readyForQuery
        ])
      )
      release()
    })
  }

  const take = (message: Wire.Message) => {
    // Data of a COPY belongs to a statement that is under way.
    if ("dcf".includes(message.type)) return forward([message])
    unit.push(message)
    if (!endsUnit(message.type) && message.type !== "H") return
    unsent.push(...unit)
    unit = []
    withServer(sendUnsent)
  }

  const decode = Wire.decoder("startup")
  socket.on("data", (bytes) => {
    for (const message of decode(bytes)) {
      if (message.type === "X") socket.end()
      else if (message.type !== "startup") take(message)
      else if (Wire.isRequestForEncryption(message.bytes)) socket.write(Wire.noEncryption)
      else greet(message)
    }
  })
  // A server connection that is left in the midst of something is of no use to anybody.
  socket.once("close", () => server?.socket.destroy())
}
