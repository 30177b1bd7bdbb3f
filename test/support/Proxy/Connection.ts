/** One client's connection through the proxy: two flows of bytes, each of which can go wrong by itself. */
import * as net from "node:net"
import { setTimeout } from "node:timers/promises"
import * as Wire from "../PostgresWire.ts"

/** Which way bytes flow. */
export type Direction = "toServer" | "toClient"

export interface Connection {
  /** What the client said first: user, database, application_name. */
  readonly startup: Wire.Startup
  /** Both sides learn at once that it is over. */
  readonly cut: () => void
  /** From now on nothing arrives in this direction any more, not even that the other side has hung up. */
  readonly deafen: (direction: Direction) => void
}

/** What the proxy does to connections at the moment. */
export interface Faults {
  readonly delayOf: (direction: Direction, startup: Wire.Startup) => number
  readonly isSwallowing: () => boolean
  /** What is to happen at this message of a client. */
  readonly trapFor: (message: Buffer) => Trap | undefined
}

export interface Trap {
  /** Whether the server gets the message. Its answer is lost in any case. */
  readonly serverActs: boolean
  /** To be told that it has happened. */
  readonly sprung: () => void
}

interface Options {
  readonly client: net.Socket
  readonly target: { readonly host: string; readonly port: number }
  readonly startup: Wire.Message
  readonly faults: Faults
}

/** One direction, with the order of what is delayed in it. */
const makeFlow = (direction: Direction, startup: Wire.Startup, faults: Faults) => {
  let dead = false
  let underWay = 0
  let last: Promise<void> = Promise.resolve()
  return {
    kill: () => {
      dead = true
    },
    pass: (deliver: () => void) => {
      dead ||= faults.isSwallowing()
      const millis = faults.delayOf(direction, startup)
      if (millis === 0 && underWay === 0) {
        if (!dead) deliver()
        return
      }
      underWay++
      const due = setTimeout(millis)
      last = last
        .then(() => due)
        .then(() => {
          underWay--
          if (!dead) deliver()
        })
    }
  }
}

/** Connects the client to the server. To be called with the client's messages after that: the second result takes them. */
export const open = ({ client, faults, startup, target }: Options) => {
  const server = net.connect(target.port, target.host)
  const said = Wire.startupParameters(startup.bytes)
  const flows = {
    toServer: makeFlow("toServer", said, faults),
    toClient: makeFlow("toClient", said, faults)
  }
  const fromServer = Wire.decoder("typed")
  let trap: Trap | undefined
  const connection: Connection = {
    startup: said,
    cut: () => {
      client.destroy()
      server.destroy()
    },
    deafen: (direction) => flows[direction].kill()
  }

  server.setNoDelay(true)
  server.on("error", () => {})
  server.on("data", (bytes) => {
    const messages = fromServer(bytes)
    if (trap === undefined) flows.toClient.pass(() => client.write(bytes))
    // The server has done everything once it is ready for what comes next.
    else if (messages.some(({ type }) => type === "Z")) {
      connection.cut()
      trap.sprung()
    }
  })
  server.on("close", () => flows.toClient.pass(() => client.destroy()))
  client.on("close", () => flows.toServer.pass(() => server.destroy()))
  server.write(startup.bytes)

  const take = ({ bytes }: Wire.Message) => {
    trap ??= faults.trapFor(bytes)
    if (trap === undefined || trap.serverActs) flows.toServer.pass(() => server.write(bytes))
    else {
      connection.cut()
      trap.sprung()
    }
  }
  return { connection, server, take }
}
