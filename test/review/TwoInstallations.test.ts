/** Two installations side by side: one that is busy, with a model and a key of its own, and one that has set nothing. */
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Redacted, Stream } from "effect"
import * as Database from "../../src/database/Database.ts"
import { DatabaseUrl } from "../../src/database/DatabaseUrl.ts"
import * as Postgres from "../../src/queue/JobStore/Postgres.ts"
import { JobStore } from "../../src/queue/JobStore.ts"
import { ModelSandbox } from "../../src/sandbox/ModelSandbox.ts"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import { faulty, until } from "../e2e/Served.ts"
import { faults } from "../model/Faults.ts"
import * as OwnKey from "../support/OwnKey.ts"
import * as TestDatabase from "../support/TestDatabase.ts"
import { serve } from "./Served.ts"

const busy = { owner: "acme", model: "reviewer-of-acme", account: 1, pulls: 4 }
const calm = { owner: "globex", model: "reviewer-1", account: 0, pulls: 2 }
const cap = 2
const env = {
  ENCRYPTION_KEY: OwnKey.encryptionKey,
  HOLDFAST_CONCURRENCY: String(cap + 1),
  HOLDFAST_PER_INSTALLATION: String(cap)
}

/** Holdfast between both, with the store to look into. */
const setting = Effect.gen(function* () {
  const sandbox = yield* Sandbox.make({ owner: busy.owner })
  const key = Redacted.make("sk-acme")
  const models = yield* ModelSandbox.make({
    otherApiKeys: [key],
    script: (question) => ({ json: { findings: faults(question) } })
  })
  const url = yield* TestDatabase.url
  yield* serve({ env, models, sandbox, url })
  yield* sandbox.webhooks.installation("created")
  yield* sandbox.install({ owner: calm.owner, repositories: ["site"] })
  yield* OwnKey.give(url, sandbox.installationId, key, { model: busy.model })
  const database = Database.layer.pipe(Layer.provide(DatabaseUrl.layer(url)))
  const store = Context.get(yield* Layer.build(Layer.provide(Postgres.layer, database)), JobStore)
  const open = ({ owner, pulls }: typeof busy) =>
    Effect.forEach(Array.from({ length: pulls }), () =>
      sandbox.pulls.open({
        owner,
        repo: owner === busy.owner ? sandbox.repo : "site",
        content: faulty(owner)
      })
    )
  return { models, open, sandbox, store }
})

describe("a busy installation", () => {
  it.scopedLive(
    "runs as many reviews as its cap allows, starves no other, and lends no other its model and key",
    () =>
      Effect.gen(function* () {
        const { models, open, sandbox, store } = yield* setting
        const held = yield* models.faults.add({ fault: { _tag: "Hold" }, account: busy.account, count: null })
        yield* open(busy)
        yield* models.journal.awaitQuestion({ model: busy.model, nth: cap, stage: "received" })
        const others = yield* open(calm)
        yield* until(store.counts, ({ completed }) => completed === calm.pulls)
        assert.deepInclude(yield* store.counts, { processing: cap, pending: busy.pulls - cap })
        for (const pull of others) {
          const [review] = yield* sandbox.view.allReviews(pull)
          assert.strictEqual(review?.comments.length, 1)
        }

        yield* held.release
        yield* until(store.counts, ({ completed }) => completed === busy.pulls + calm.pulls)
        const violations = yield* Stream.runCollect(store.audit({ perInstallation: cap }))
        assert.deepStrictEqual([...violations], [])
        const asked = (yield* models.journal.entries).map(({ question }) => question)
        for (const one of [busy, calm]) {
          const theirs = asked.filter((question) => question?.prompt.includes(`WRONG_${one.owner}`))
          assert.isAtLeast(theirs.length, one.pulls)
          assert.deepStrictEqual(
            [...new Set(theirs.map((question) => `${question?.model} for account ${question?.account}`))],
            [`${one.model} for account ${one.account}`]
          )
        }
        const all = yield* sandbox.view.state
        assert.deepStrictEqual(
          [...all.reviews.values()].map(({ pull, state }) => `${pull} ${state}`).sort(),
          [...all.pulls.keys()].map((pull) => `${pull} COMMENTED`).sort()
        )
      }),
    60_000
  )
})
