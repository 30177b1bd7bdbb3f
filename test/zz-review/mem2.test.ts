import { it } from "@effect/vitest"
import { Effect, Layer, Duration, Scope, Exit } from "effect"
import * as Memory from "../../src/queue/JobStore/Memory.ts"
import { JobStore } from "../../src/queue/JobStore.ts"
import { JobHandlers } from "../../src/queue/JobHandlers.ts"
import { QueueSettings } from "../../src/queue/QueueSettings.ts"
import { Hurry } from "../../src/queue/Hurry.ts"
import * as Queue from "../../src/queue/Queue.ts"
const subject = (pr: number, sha: string) => ({ installationId: 1, owner: "o", repo: "r", pullRequest: pr, title: "t", commitSha: sha, baseBranch: "main" })
it.scopedLive("slow claim + hurry", () => Effect.gen(function* () {
  const scope = yield* Scope.make()
  const handlers = Layer.succeed(JobHandlers, { review: () => Effect.sleep("30 seconds") })
  const Slow = Layer.effect(JobStore, Effect.map(JobStore, (s) => ({ ...s, claim: (w: any, n: number) => s.claim(w, n).pipe(Effect.zipLeft(Effect.sleep("6 seconds"))) }))).pipe(Layer.provide(Memory.layer))
  yield* Layer.buildWithScope(Queue.worker({ host: "h", pid: 1, version: "1" }).pipe(
    Layer.provide(handlers), Layer.provideMerge(Slow),
    Layer.provide(Layer.succeed(QueueSettings, { ...QueueSettings.defaults, shutdownGrace: Duration.seconds(1) }))), scope)
  yield* Effect.sleep("500 millis")
  const t = Date.now()
  yield* Scope.close(scope, Exit.void)
  console.log("SLOWCLAIM drain ms (grace 1 s)", Date.now() - t)
}), 60000)
it.scopedLive("hurry", () => Effect.gen(function* () {
  const scope = yield* Scope.make()
  const handlers = Layer.succeed(JobHandlers, { review: () => Effect.sleep("30 seconds") })
  const ctx = yield* Layer.buildWithScope(Queue.worker({ host: "h", pid: 1, version: "1" }).pipe(
    Layer.provide(handlers), Layer.provideMerge(Memory.layer),
    Layer.provide(Layer.succeed(QueueSettings, { ...QueueSettings.defaults, shutdownGrace: Duration.seconds(6) }))), scope).pipe(Effect.provideService(Hurry, Effect.void))
  const s = yield* Effect.provide(JobStore, ctx)
  yield* s.enqueue({ subject: subject(1, "a"), trigger: "opened" })
  yield* Effect.sleep("500 millis")
  const t = Date.now()
  yield* Scope.close(scope, Exit.void)
  console.log("HURRY drain ms (grace 6 s, hurry at once)", Date.now() - t)
}), 60000)
