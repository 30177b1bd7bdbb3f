import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import * as JobError from "../../../src/queue/JobError.ts"
import type { JobHandler } from "../../../src/queue/JobHandlers.ts"
import * as Proxy from "../../support/Proxy.ts"
import * as TestDatabase from "../../support/TestDatabase.ts"
import * as Bystander from "./Bystander.ts"
import * as Watched from "./Watched.ts"

/** How a handler ends, the state that the job gets, and a word of the settlement that nothing else says. */
const ends: ReadonlyArray<
  readonly [
    status: "completed" | "failed" | "cancelled",
    word: string,
    end: Effect.Effect<void, JobError.JobError>
  ]
> = [
  ["completed", "Succeeded", Effect.void],
  ["failed", "Failed", new JobError.Permanent({ message: "no" })],
  ["cancelled", "Obsolete", new JobError.Obsolete({ message: "the head has moved on" })]
]

describe("11. The connection drops during a settle, committed or not → one terminal state", () => {
  for (const [status, word, end] of ends) {
    for (const committed of [true, false]) {
      it.scopedLive(`${status}, ${committed ? "committed" : "not committed"}`, () =>
        Effect.gen(function* () {
          const url = yield* TestDatabase.url
          const bystander = yield* Bystander.make(url)
          const { proxy, url: proxied } = yield* Proxy.before(url)
          let runs = 0
          const handle: JobHandler = () =>
            Effect.suspend(() => {
              runs++
              return end
            })
          yield* Watched.start({ url: proxied, handle, settings: { pollEvery: Duration.millis(100) } })
          const dropped = yield* committed ? proxy.loseAnswer(word) : proxy.cutBefore(word)
          const { id } = yield* bystander.enqueue({ do: "complete" })
          yield* dropped
          yield* bystander.until(id, status)
          // Once it runs the next job, it is over with the first.
          const next = yield* bystander.enqueue({ do: "complete" })
          yield* bystander.until(next.id, status)
          yield* bystander.endedOnce([id, next.id], status)
          assert.strictEqual(runs, 2)
        })
      )
    }
  }
})
