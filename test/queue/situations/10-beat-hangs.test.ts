import { assert, it } from "@effect/vitest"
import { Deferred, Duration, Effect } from "effect"
import * as Proxy from "../../support/Proxy.ts"
import * as TestDatabase from "../../support/TestDatabase.ts"
import * as Bystander from "./Bystander.ts"
import * as Watched from "./Watched.ts"

const settings = {
  lease: Duration.seconds(5),
  beatEvery: Duration.millis(200),
  pollEvery: Duration.millis(200),
  rescueEvery: Duration.millis(200)
}

it.scopedLive(
  "10. The heartbeat query hangs → the worker fences itself before the database expires the lease",
  () =>
    Effect.gen(function* () {
      const url = yield* TestDatabase.url
      const bystander = yield* Bystander.make(url)
      const { proxy, url: proxied } = yield* Proxy.before(url)
      const story: Array<string> = []
      const tell = (what: string) => Effect.sync(() => story.push(what))
      const begun = yield* Deferred.make<void>()
      const stopped = yield* Deferred.make<void>()
      yield* Watched.start({
        url: proxied,
        settings,
        handle: () =>
          tell("it runs").pipe(
            Effect.zipRight(Deferred.succeed(begun, undefined)),
            Effect.zipRight(Effect.never),
            Effect.onInterrupt(() =>
              Effect.zipRight(tell("it is stopped"), Deferred.succeed(stopped, undefined))
            )
          )
      })
      const { id } = yield* bystander.enqueue({ do: "hang" })
      yield* Deferred.await(begun)
      yield* proxy.swallow
      yield* Deferred.await(stopped)
      const rows = yield* bystander.sql`
      select status, lease_epoch::integer as epoch, lease_expires_at > clock_timestamp() as held
      from review_jobs where id = ${id}`
      assert.deepStrictEqual(rows, [{ status: "processing", epoch: 1, held: true }])

      // Another worker gets it only then.
      yield* Watched.start({ url, settings, handle: () => tell("it runs elsewhere") })
      yield* bystander.until(id, "completed")
      assert.deepStrictEqual(story, ["it runs", "it is stopped", "it runs elsewhere"])
      yield* bystander.endedOnce([id], "completed")
      yield* proxy.heal
    })
)
