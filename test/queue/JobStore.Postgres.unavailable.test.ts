import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import type { NewJob } from "../../src/queue/Job.ts"
import * as Proxy from "../support/Proxy.ts"
import * as TestDatabase from "../support/TestDatabase.ts"
import * as Bystander from "./situations/Bystander.ts"

const job: NewJob = {
  trigger: "opened",
  subject: {
    installationId: 1,
    owner: "acme",
    repo: "shop",
    pullRequest: 1,
    title: "Add a cart",
    commitSha: "c0ffee",
    baseBranch: "main"
  }
}

it.scopedLive(
  "tells as a typed error that the database is away, so that whoever enqueues can ask again",
  () =>
    Effect.gen(function* () {
      const { proxy, url } = yield* Proxy.before(yield* TestDatabase.url)
      const { store } = yield* Bystander.make(url)
      yield* proxy.refuse()
      yield* proxy.cut()
      const asked = [
        store.enqueue(job),
        store.enqueueAll([job]),
        store.cancelPullRequest(job.subject, "closed"),
        store.counts,
        store.rescue
      ]
      for (const ask of asked) {
        const error = yield* Effect.flip<unknown, { readonly _tag: string }, never>(ask)
        assert.strictEqual(error._tag, "StoreUnavailable")
      }
      yield* proxy.heal
      assert.isTrue((yield* store.enqueue(job)).created)
    })
)
