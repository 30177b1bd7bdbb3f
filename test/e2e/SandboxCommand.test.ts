/** `holdfast sandbox`: what it prints is what works. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Holdfast from "../support/Holdfast.ts"

describe("holdfast sandbox", () => {
  it.scopedLive(
    "prints calls of its control API that work, and ends in order",
    () =>
      Effect.gen(function* () {
        const process = yield* Holdfast.start(["sandbox"], {})
        yield* process.saw(/\/_sandbox\/state/)
        const calls = process
          .output()
          .replaceAll("\\\n", "")
          .matchAll(/curl(?: -X (\w+))? (\S+)(?:.*-d '(.+)')?/g)
        const statuses: Array<number> = []
        for (const [, method = "GET", url = "", body] of calls) {
          const request = { method, ...(body === undefined ? {} : { body }) }
          const answer = yield* Effect.promise(() =>
            fetch(url, { ...request, headers: { "content-type": "application/json" } })
          )
          statuses.push(answer.status)
          yield* Effect.promise(() => answer.text())
        }
        assert.isAtLeast(statuses.length, 3)
        assert.isTrue(
          statuses.every((status) => status < 300),
          `answers: ${statuses.join(", ")}`
        )
        yield* process.signal("SIGTERM")
        assert.deepStrictEqual(yield* process.ended, { code: 0, signal: null })
      }),
    60_000
  )
})
