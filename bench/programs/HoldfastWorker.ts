/** A Holdfast worker in a process of its own, on the database of its argument; it does as it is told. */
import { Effect, Layer, Logger, LogLevel, Schema } from "effect"
import type { JobHandler } from "../../src/index.ts"
import { workerOf } from "../rivals/Holdfast.ts"
import { Order, type Word } from "./Protocol.ts"

const [url = ""] = process.argv.slice(2)

const say = (word: Word) => Effect.sync(() => process.send?.(word))

const ran: Array<number> = []
let lastAt = 0
const note: JobHandler = ({ job }) =>
  Effect.sync(() => {
    ran.push(job.id)
    lastAt = Date.now()
  })

const hold: JobHandler = ({ job }) => {
  const rescued = job.crashes > 0
  return Effect.zipRight(
    Effect.suspend(() => say({ _tag: "Started", job: job.id, at: Date.now(), rescued })),
    rescued ? Effect.void : Effect.never
  )
}

const work = (concurrency: number, handler: JobHandler) =>
  Layer.build(workerOf(url, concurrency, handler)).pipe(
    Effect.zipRight(say({ _tag: "Working" })),
    Effect.zipRight(Effect.never),
    Effect.scoped
  )

const obey = (order: Order) => {
  switch (order._tag) {
    case "Work":
      return work(order.concurrency, note)
    case "Hold":
      return work(1, hold)
    case "Tell":
      return say({ _tag: "Ran", jobs: ran, lastAt })
  }
}

process.on("message", (message) => {
  Schema.decodeUnknown(Order)(message).pipe(
    Effect.flatMap(obey),
    Logger.withMinimumLogLevel(LogLevel.Error),
    Effect.runFork
  )
})
// A terminal's Ctrl-C reaches every process; the bench ends this one when it has ended itself.
process.on("SIGINT", () => {})
process.on("disconnect", () => process.exit())
process.send?.({ _tag: "Ready" } satisfies Word)
