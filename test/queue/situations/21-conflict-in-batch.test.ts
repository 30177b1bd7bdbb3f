import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import type { NewJob } from "../../../src/queue/Job.ts"
import * as TestDatabase from "../../support/TestDatabase.ts"
import * as Bystander from "./Bystander.ts"
import * as Watched from "./Watched.ts"

const about = (pullRequest: number): NewJob => ({
  subject: {
    installationId: pullRequest,
    owner: "acme",
    repo: "shop",
    pullRequest,
    title: "Add a cart",
    commitSha: "c0ffee",
    baseBranch: "main"
  },
  trigger: "opened"
})

it.scopedLive("21. One unique conflict inside a batch → the rest proceed", () =>
  Effect.gen(function* () {
    const url = yield* TestDatabase.url
    const { endedOnce, sql, store, until } = yield* Bystander.make(url)
    const existing = yield* store.enqueue(about(3))
    // The third exists already, and the fifth is the second once more.
    const answers = yield* store.enqueueAll([about(1), about(2), about(3), about(4), about(2), about(5)])
    assert.deepStrictEqual(
      answers.map(({ created }) => created),
      [true, true, false, true, false, true]
    )
    assert.strictEqual(answers[2]?.id, existing.id)
    assert.strictEqual(answers[4]?.id, answers[1]?.id)
    const rows = yield* sql`select pr_number from review_jobs order by pr_number`
    assert.deepStrictEqual(
      rows,
      [1, 2, 3, 4, 5].map((pr_number) => ({ pr_number }))
    )

    const ran: Array<number> = []
    yield* Watched.start({ url, handle: ({ job }) => Effect.sync(() => ran.push(job.subject.pullRequest)) })
    const ids = answers.map(({ id }) => id)
    yield* Effect.forEach(ids, (id) => until(id, "completed"))
    yield* endedOnce(ids, "completed")
    assert.deepStrictEqual(
      ran.sort((a, b) => a - b),
      [1, 2, 3, 4, 5]
    )
  })
)
