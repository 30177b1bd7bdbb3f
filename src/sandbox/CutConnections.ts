import type { Server } from "node:http"
import { Effect } from "effect"

/** Ends what is open and takes nothing new, so that the server's own close has nothing to wait for. */
export const cutConnections = (server: Server): Effect.Effect<void> =>
  Effect.sync(() => {
    server.on("connection", (socket) => socket.destroy())
    server.closeAllConnections()
  })
