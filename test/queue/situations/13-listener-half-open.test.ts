import { assert, it } from "@effect/vitest"
import { Duration, Effect, Queue as Mailbox } from "effect"
import * as Proxy from "../../support/Proxy.ts"
import * as TestDatabase from "../../support/TestDatabase.ts"
import * as Bystander from "./Bystander.ts"
import * as Watched from "./Watched.ts"

it.scopedLive(
  "13. The listener is half-open → pick-up within one poll; the subscription comes back",
  () =>
    Effect.gen(function* () {
      const url = yield* TestDatabase.url
      const bystander = yield* Bystander.make(url)
      const { proxy, url: proxied } = yield* Proxy.before(url)
      const worker = yield* Watched.start({
        url: proxied,
        handle: () => Effect.void,
        settings: { pollEvery: Duration.seconds(1) }
      })
      // The session stands.
      yield* Mailbox.take(worker.hints)
      yield* proxy.halfOpen("toClient", Proxy.named("holdfast worker"))

      const { id } = yield* bystander.enqueue({ do: "complete" })
      const { claims } = worker.asked
      yield* bystander.until(id, "completed")
      assert.strictEqual(yield* Mailbox.size(worker.hints), 0)
      assert.isAtMost((worker.claimedBy(id) ?? Number.POSITIVE_INFINITY) - claims, 1)

      // The new session stands, and hears of new jobs.
      yield* Mailbox.take(worker.hints)
      yield* bystander.enqueue({ do: "complete" })
      yield* Mailbox.take(worker.hints)
    }),
  60_000
)
