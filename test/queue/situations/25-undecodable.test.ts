import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as TestDatabase from "../../support/TestDatabase.ts"
import * as Bystander from "./Bystander.ts"
import * as Watched from "./Watched.ts"

type Client = Effect.Effect.Success<ReturnType<typeof Bystander.make>>

/** What is wrong with a job, how it got so, and what the reason names. */
const wrongs: ReadonlyArray<
  readonly [
    what: string,
    wrong: (client: Client, id: number) => Effect.Effect<unknown, unknown>,
    named: string
  ]
> = [
  [
    "an undecodable row",
    ({ sql }, id) => sql`update review_jobs set trigger = 'nonsense' where id = ${id}`,
    "nonsense"
  ],
  [
    "a row that decodes and is nonsense",
    ({ sql }, id) => sql`update review_jobs set installation_id = -1 where id = ${id}`,
    "-1"
  ],
  [
    "an unknown kind",
    ({ sql }, id) => sql`update review_jobs set kind = 'unheard-of' where id = ${id}`,
    "unheard-of"
  ],
  [
    "a kind that every object has",
    ({ sql }, id) => sql`update review_jobs set kind = 'constructor' where id = ${id}`,
    "constructor"
  ]
]

describe("25. An undecodable row or an unknown kind → failed with the reason, and the loop goes on", () => {
  it.scopedLive.each(wrongs)("%s", ([, wrong, named]) =>
    Effect.gen(function* () {
      const url = yield* TestDatabase.url
      const bystander = yield* Bystander.make(url)
      const { sql, store } = bystander
      const before = yield* bystander.enqueue({ do: "complete" })
      const { id } = yield* bystander.enqueue({ do: "complete" })
      const after = yield* bystander.enqueue({ do: "complete" })
      yield* wrong(bystander, id)

      const ran: Array<number> = []
      yield* Watched.start({
        url,
        // One after the other, so that whoever comes after it has to get past it.
        settings: { concurrency: 1 },
        handle: ({ job }) => Effect.sync(() => ran.push(job.id))
      })
      yield* bystander.until(after.id, "completed")
      const later = yield* bystander.enqueue({ do: "complete" })
      yield* bystander.until(later.id, "completed")

      assert.deepStrictEqual(ran, [before.id, after.id, later.id])
      const [row] = yield* sql`select status, error_message from review_jobs where id = ${id}`
      assert.strictEqual(row?.["status"], "failed")
      assert.include(row?.["error_message"], named)
      yield* bystander.endedOnce([id], "failed")
      const ledger = yield* store.transitions(id)
      assert.deepStrictEqual(
        ledger.map(({ to }) => to),
        ["pending", "processing", "failed"]
      )
    })
  )
})
