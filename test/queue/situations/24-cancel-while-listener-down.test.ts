import { assert, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Queue as Mailbox } from "effect"
import * as Proxy from "../../support/Proxy.ts"
import * as TestDatabase from "../../support/TestDatabase.ts"
import * as Bystander from "./Bystander.ts"
import * as Watched from "./Watched.ts"

it.scopedLive("24. Cancel while the listener is down → cancelled within one beat", () =>
  Effect.gen(function* () {
    const url = yield* TestDatabase.url
    const bystander = yield* Bystander.make(url)
    const { proxy, url: proxied } = yield* Proxy.before(url)
    const started = yield* Deferred.make<void>()
    const interrupted = yield* Deferred.make<void>()
    const worker = yield* Watched.start({
      url: proxied,
      handle: () =>
        Deferred.succeed(started, undefined).pipe(
          Effect.zipRight(Effect.never),
          Effect.onInterrupt(() => Deferred.succeed(interrupted, undefined))
        ),
      settings: { beatEvery: Duration.millis(500) }
    })
    yield* Mailbox.take(worker.hints)
    const { id } = yield* bystander.enqueue({ do: "hang" })
    yield* Deferred.await(started)
    yield* proxy.refuse(Proxy.named("holdfast worker"))
    yield* proxy.cut(Proxy.named("holdfast worker"))

    const { subject } = yield* bystander.job(id)
    yield* bystander.store.cancelPullRequest(subject, "the pull request was closed")
    const { beats } = worker.asked
    yield* Deferred.await(interrupted)
    assert.isAtMost(worker.asked.beats - beats, 1)
    yield* bystander.until(id, "cancelled")
    yield* bystander.endedOnce([id], "cancelled")
    assert.strictEqual(yield* proxy.count(Proxy.named("holdfast worker")), 0)
  })
)
