/** A process that measures one queue, named by its argument; it answers one request after the other. */
import { Cause, Effect, Exit, Logger, LogLevel, Schema } from "effect"
import { isRivalName, rivals } from "../rivals/Rivals.ts"
import { claims } from "./measure/Claims.ts"
import { enqueue } from "./measure/Enqueue.ts"
import { latency } from "./measure/Latency.ts"
import { seed, throughput } from "./measure/Throughput.ts"
import { type Reply, Request } from "./Protocol.ts"

const [name = ""] = process.argv.slice(2)
if (!isRivalName(name)) throw new Error(`there is no queue named "${name}"`)
const rival = await rivals[name]()

const answer = (request: Request): Effect.Effect<unknown> => {
  switch (request._tag) {
    case "Prepare":
      return rival.prepare(request.url)
    case "Seed":
      return seed(rival, request)
    case "Throughput":
      return throughput(rival, request)
    case "Latency":
      return latency(rival, request)
    case "Enqueue":
      return enqueue(rival, request)
    case "Claims":
      return claims(request)
  }
}

const reply = (exit: Exit.Exit<unknown, unknown>): Reply =>
  Exit.match(exit, {
    onSuccess: (value = null) => ({ _tag: "Done", value }),
    onFailure: (cause) => ({ _tag: "Failed", message: `${name}: ${Cause.pretty(cause)}` })
  })

process.on("message", (message) => {
  Schema.decodeUnknown(Request)(message).pipe(
    Effect.flatMap(answer),
    Logger.withMinimumLogLevel(LogLevel.Warning),
    Effect.exit,
    Effect.map((exit) => process.send?.(reply(exit))),
    Effect.runFork
  )
})
// A terminal's Ctrl-C reaches every process; the bench ends this one when it has ended itself.
process.on("SIGINT", () => {})
process.on("disconnect", () => process.exit())
