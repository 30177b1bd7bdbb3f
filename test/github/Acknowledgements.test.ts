/** What is shown of a command beside the queue, where GitHub does not answer. */
import { assert, describe, it } from "@effect/vitest"
import { Context, Deferred, Effect, Exit, Layer, Scope } from "effect"
import * as Acknowledgements from "../../src/github/Acknowledgements.ts"
import { type Command, type CommandPayload, commandJob } from "../../src/github/Command.ts"
import { Github } from "../../src/github/Github.ts"
import * as Memory from "../../src/queue/JobStore/Memory.ts"
import { JobStore } from "../../src/queue/JobStore.ts"

const pullRequest = { installationId: 1, owner: "acme", repo: "shop", pullRequest: 7, title: "" }
const help: Command = { name: "help", findings: [], misnamed: 0 }

/** A GitHub that nothing comes back from, and that does not let itself be interrupted. */
const silent = (met: () => Effect.Effect<unknown>) =>
  Layer.succeed(Github, {
    installation: () => Effect.uninterruptible(Effect.zipRight(met(), Effect.never))
  })

const enqueue = (comment: CommandPayload["comment"], key: string) =>
  Effect.flatMap(JobStore, (store) =>
    store.enqueue(commandJob(pullRequest, key, { login: "ann", command: help, comment }))
  )

describe("acknowledging", () => {
  it.scopedLive("holds up neither who begins it nor the end of the process, and is bounded in number", () =>
    Effect.gen(function* () {
      let asked = 0
      const all = yield* Deferred.make<void>()
      const met = () =>
        Effect.suspend(() => (++asked === 16 ? Deferred.succeed(all, undefined) : Effect.void))
      const scope = yield* Scope.make()
      const context = yield* Layer.buildWithScope(
        Acknowledgements.layer.pipe(Layer.provide(silent(met)), Layer.provideMerge(Memory.layer)),
        scope
      )
      const { begin } = Context.get(context, Acknowledgements.Acknowledgements)
      for (let id = 1; id <= 40; id++) {
        const made = yield* enqueue({ id, mentions: null, thread: null }, String(id)).pipe(
          Effect.provide(context)
        )
        yield* begin(made.id)
      }
      yield* Deferred.await(all)
      yield* Scope.close(scope, Exit.void)
      assert.strictEqual(asked, 16)
    })
  )

  it.scopedLive("asks GitHub nothing about a button", () =>
    Effect.gen(function* () {
      let asked = 0
      const met = yield* Deferred.make<void>()
      const context = yield* Layer.build(
        Acknowledgements.layer.pipe(
          Layer.provide(
            silent(() =>
              Effect.zipRight(
                Effect.sync(() => ++asked),
                Deferred.succeed(met, undefined)
              )
            )
          ),
          Layer.provideMerge(Memory.layer)
        )
      )
      const { begin } = Context.get(context, Acknowledgements.Acknowledgements)
      const button = yield* enqueue(null, "check-1").pipe(Effect.provide(context))
      yield* begin(button.id)
      const comment = yield* enqueue({ id: 5, mentions: null, thread: null }, "5").pipe(
        Effect.provide(context)
      )
      yield* begin(comment.id)
      yield* Deferred.await(met)
      assert.strictEqual(asked, 1)
    })
  )
})
