/** The pooler's connections to the server: opened when they are first needed, and then handed from client to client. */
import * as net from "node:net"
import { Redacted } from "effect"
import pg from "pg"
import * as Wire from "../PostgresWire.ts"

/** Who has a server connection for the time of a transaction. */
export interface Holder {
  readonly onMessage: (message: Wire.Message) => void
  readonly onLost: () => void
}

export interface Server {
  readonly socket: net.Socket
  /** What the server said of its settings when the connection was made. */
  readonly settings: ReadonlyArray<Buffer>
  /** Nobody: the connection is idle. */
  holder: Holder | undefined
}

export interface Servers {
  /** Gives one as soon as one is free. */
  readonly take: (holder: Holder, onTaken: (server: Server) => void) => void
  readonly giveBack: (server: Server) => void
}

interface Options {
  readonly url: Redacted.Redacted
  readonly size: number
  readonly roundRobin: boolean
  readonly remember: (socket: net.Socket) => void
}

interface Waiting {
  readonly holder: Holder
  readonly onTaken: (server: Server) => void
}

/** Lets `pg.Client` sign in, with whatever the server asks for, and takes its socket over. */
const connect = async ({ remember, url }: Options): Promise<Server> => {
  const socket = new net.Socket()
  remember(socket)
  const settings: Array<Buffer> = []
  const decode = Wire.decoder("typed")
  socket.on("data", (bytes) => {
    for (const message of decode(bytes)) if (message.type === "S") settings.push(message.bytes)
  })
  const client = new pg.Client({
    connectionString: Redacted.value(url),
    application_name: "transaction pooler",
    stream: () => socket
  })
  client.on("error", () => {})
  await client.connect()
  socket.removeAllListeners("data")
  return { socket, settings, holder: undefined }
}

export const make = (options: Options): Servers => {
  let count = 0
  const idle: Array<Server> = []
  const waiting: Array<Waiting> = []

  const open = () => {
    count++
    connect(options).then(
      (server) => {
        const decode = Wire.decoder("typed")
        // What comes while nobody holds it, such as a notification, is for nobody.
        server.socket.on("data", (bytes) => {
          for (const message of decode(bytes)) server.holder?.onMessage(message)
        })
        server.socket.once("close", () => {
          count--
          const place = idle.indexOf(server)
          if (place >= 0) idle.splice(place, 1)
          server.holder?.onLost()
          serve()
        })
        idle.push(server)
        serve()
      },
      () => {
        count--
        waiting.shift()?.holder.onLost()
      }
    )
  }
  const serve = () => {
    while (waiting.length > 0) {
      const server = options.roundRobin ? idle.shift() : idle.pop()
      if (server === undefined) break
      const next = waiting.shift()
      if (next === undefined) idle.push(server)
      else {
        server.holder = next.holder
        next.onTaken(server)
      }
    }
    for (let wanted = Math.min(waiting.length, options.size - count); wanted > 0; wanted--) open()
  }

  return {
    take: (holder, onTaken) => {
      waiting.push({ holder, onTaken })
      serve()
    },
    giveBack: (server) => {
      server.holder = undefined
      idle.push(server)
      serve()
    }
  }
}
