/** Each provider over HTTP, against local models that speak its wire format and fail as it does. */
import { createServer, type Server } from "node:http"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Duration, Effect, Fiber, Option, Redacted } from "effect"
import type { ModelError } from "../../src/review/ReviewModel.ts"
import { type ModelFault, ModelSandbox, tokensOf } from "../../src/sandbox/ModelSandbox.ts"
import { answer, ask, question, selected, services, settingsFor } from "./Asked.ts"

const price = { input: 3, output: 15 }

/** A proxy in front of a service, which answers everything by itself. */
const answering = (status: number, body: string) =>
  Effect.acquireRelease(
    Effect.async<Server>((resume) => {
      const server = createServer((_request, response) => {
        response.writeHead(status, { "content-type": "text/html" }).end(body)
      })
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
    }),
    (server) => Effect.sync(() => server.close())
  ).pipe(
    Effect.map((server) => {
      const address = server.address()
      return typeof address === "object" && address !== null ? `http://127.0.0.1:${address.port}` : ""
    })
  )

/** What each failure of a service has to be for us. */
const failures: ReadonlyArray<readonly [fault: ModelFault, tag: ModelError["_tag"], said: RegExp]> = [
  [{ _tag: "ServerFailure", status: 500 }, "ModelOverloaded", /500/],
  [{ _tag: "ServerFailure", status: 502 }, "ModelOverloaded", /502/],
  [{ _tag: "ServerFailure", status: 503 }, "ModelOverloaded", /503/],
  [{ _tag: "ServerFailure", status: 529 }, "ModelOverloaded", /529/],
  [{ _tag: "Cut", when: "before" }, "ModelOverloaded", /./],
  [{ _tag: "Cut", when: "amid" }, "ModelOverloaded", /./],
  [{ _tag: "InvalidKey" }, "ModelUnauthorized", /401/],
  [{ _tag: "Forbidden" }, "ModelUnauthorized", /403/],
  [{ _tag: "UnknownModel" }, "ModelRejected", /404/],
  [{ _tag: "ContextTooLong" }, "ModelRejected", /400/],
  [{ _tag: "Refused" }, "ModelRefused", /declined/],
  [{ _tag: "Refused", by: "filter" }, "ModelRefused", /declined/],
  [{ _tag: "RateLimited" }, "ModelRateLimited", /429/]
]

/** How long a limited service is waited for, in seconds, by what it says. */
const waits: ReadonlyArray<readonly [fault: ModelFault, seconds: number]> = [
  [{ _tag: "RateLimited", retryAfterSeconds: 7 }, 7],
  [{ _tag: "RateLimited", retryAfterMillis: 2500 }, 2.5],
  [{ _tag: "RateLimited", resetSeconds: 90 }, 90],
  [{ _tag: "RateLimited" }, 60]
]

for (const service of services) {
  describe(`a model at ${service}`, () => {
    const local = ModelSandbox.make({ script: () => ({ json: answer }) })

    it.scopedLive("answers in the form that was asked for, and tells what that cost", () =>
      Effect.gen(function* () {
        const models = yield* local
        const got = yield* ask(settingsFor(service, models, { price: Option.some(price) }))
        assert.deepStrictEqual(got.value, answer)
        const [entry] = yield* models.journal.entries
        assert.isTrue(entry?.expectedKey)
        assert.include(entry?.question?.prompt, question.prompt)
        assert.include(entry?.question?.system, question.system)
        const { inputTokens, outputTokens } = got.usage
        assert.strictEqual(outputTokens, tokensOf(JSON.stringify(answer)))
        assert.isAbove(inputTokens, 0)
        assert.deepStrictEqual(got.usage.cost, Option.some((3 * inputTokens + 15 * outputTokens) / 1e6))
      })
    )

    it.scopedLive("is asked once more when its answer can't be read, and told why; both are paid for", () =>
      Effect.gen(function* () {
        const models = yield* local
        yield* models.script(({ attempt, prompt }) =>
          attempt === 1 && prompt === question.prompt
            ? { json: { findings: [{ name: 1 }] } }
            : { json: answer }
        )
        const got = yield* ask(settingsFor(service, models))
        assert.deepStrictEqual(got.value, answer)
        const asked = yield* models.journal.entries
        assert.lengthOf(asked, 2)
        assert.match(asked[1]?.question?.prompt ?? "", /could not be read[\s\S]*title/)
        assert.isAbove(got.usage.inputTokens, 2 * tokensOf(question.prompt))
      })
    )

    for (const [what, said] of [
      ["another object", { json: { findings: 3 } }],
      ["no object at all", { text: "I found nothing, dear engineer." }]
    ] as const) {
      it.scopedLive(`fails when it answers ${what} twice`, () =>
        Effect.gen(function* () {
          const models = yield* local
          yield* models.script(() => said)
          const error = yield* Effect.flip(ask(settingsFor(service, models)))
          assert.strictEqual(error._tag, "ModelMalformed")
          if (error._tag === "ModelMalformed") assert.isAbove(error.inputTokens, 0)
          assert.lengthOf(yield* models.journal.entries, 2)
        })
      )
    }

    it.scopedLive("is asked for less when its answer was cut off", () =>
      Effect.gen(function* () {
        const models = yield* local
        yield* models.faults.add({ fault: { _tag: "Truncated" } })
        const got = yield* ask(settingsFor(service, models))
        assert.deepStrictEqual(got.value, answer)
        const asked = yield* models.journal.entries
        assert.match(asked[1]?.question?.prompt ?? "", /cut off/)
      })
    )

    for (const [fault, tag, said] of failures) {
      it.scopedLive(`fails with ${tag} at ${JSON.stringify(fault)}`, () =>
        Effect.gen(function* () {
          const models = yield* local
          yield* models.faults.add({ fault, count: null })
          const error = yield* Effect.flip(ask(settingsFor(service, models)))
          assert.strictEqual(error._tag, tag, error.message)
          assert.match(error.message, said)
          assert.notInclude(error.message, Redacted.value(models.apiKey))
          assert.lengthOf(yield* models.journal.entries, 1, "it is not asked again")
        })
      )
    }

    for (const [fault, seconds] of waits) {
      it.scopedLive(`is limited for ${seconds} s at ${JSON.stringify(fault)}`, () =>
        Effect.gen(function* () {
          const models = yield* local
          yield* models.faults.add({ fault })
          const now = yield* DateTime.now
          const error = yield* Effect.flip(ask(settingsFor(service, models)))
          if (error._tag !== "ModelRateLimited") return assert.fail(error._tag)
          const wait = DateTime.distance(now, error.until) / 1000
          assert.isAtLeast(wait, seconds - 1.5)
          assert.isAtMost(wait, seconds + 15)
        })
      )
    }

    it.scopedLive("without an answer in time is overloaded", () =>
      Effect.gen(function* () {
        const models = yield* local
        const held = yield* models.faults.add({ fault: { _tag: "Hold" } })
        const error = yield* Effect.flip(ask(settingsFor(service, models, { timeout: Duration.millis(300) })))
        assert.strictEqual(error._tag, "ModelOverloaded")
        assert.match(error.message, /did not answer within 300ms/)
        yield* held.release
      })
    )
  })
}

describe("an answer that no vendor describes", () => {
  for (const service of services) {
    it.scopedLive(`is understood by its status at ${service}`, () =>
      Effect.gen(function* () {
        const page = yield* answering(413, "<html>Request Entity Too Large</html>")
        const settings = settingsFor(service, { ...(yield* ModelSandbox.make()), url: page })
        const error = yield* Effect.flip(ask(settings))
        assert.strictEqual(error._tag, "ModelRejected", error.message)
        assert.match(error.message, /413/)
      })
    )
  }
})

describe("an account without credit", () => {
  for (const service of ["openai", "openai-compatible"] as const) {
    it.scopedLive(`is not waited for at ${service}`, () =>
      Effect.gen(function* () {
        const models = yield* ModelSandbox.make()
        yield* models.faults.add({ fault: { _tag: "OutOfCredit" } })
        const error = yield* Effect.flip(ask(settingsFor(service, models)))
        assert.strictEqual(error._tag, "ModelUnauthorized")
      })
    )
  }
})

describe("a service that knows no JSON Schema", () => {
  for (const service of ["openai-compatible", "azure"] as const) {
    it.scopedLive(`is told the form in words at ${service}, and from then on at once`, () =>
      Effect.gen(function* () {
        const models = yield* ModelSandbox.make({ chatJsonSchema: false })
        yield* models.script(() => ({ text: `Here you are:\n\`\`\`json\n${JSON.stringify(answer)}\n\`\`\`` }))
        const settings = settingsFor(service, models)
        const got = yield* ask(settings)
        assert.deepStrictEqual(got.value, answer)
        const asked = (yield* models.journal.entries).filter(({ question }) => question !== undefined)
        assert.match(asked.at(-1)?.question?.system ?? "", /JSON Schema[\s\S]*"findings"/)
      })
    )
  }
})

describe("a fallback model", () => {
  it.scopedLive("is asked when the first can't answer, and only then", () =>
    Effect.gen(function* () {
      const models = yield* ModelSandbox.make({ script: () => ({ json: answer }) })
      const settings = settingsFor("anthropic", models, { fallbackModel: Option.some("reviewer-2") })
      assert.strictEqual((yield* ask(settings)).model, "reviewer-1")
      yield* models.faults.add({
        fault: { _tag: "ServerFailure", status: 529 },
        model: "reviewer-1",
        count: null
      })
      assert.strictEqual((yield* ask(settings)).model, "reviewer-2")
      yield* models.faults.add({ fault: { _tag: "InvalidKey" }, model: "reviewer-2", count: null })
      const error = yield* Effect.flip(ask(settings))
      assert.strictEqual(error._tag, "ModelOverloaded", "the first model's error counts")
    })
  )
})

describe("the questions at once", () => {
  it.scopedLive("are never more than the provider is to get", () =>
    Effect.gen(function* () {
      const models = yield* ModelSandbox.make({ script: () => ({ json: answer }) })
      const held = yield* models.faults.add({ fault: { _tag: "Hold" }, count: null })
      const settings = settingsFor("openai-compatible", models, { concurrency: 2 })
      const model = yield* selected(settings)
      const asking = yield* Effect.fork(
        Effect.forEach([1, 2, 3, 4, 5], () => model.ask(question), { concurrency: "unbounded" })
      )
      yield* models.journal.awaitQuestion({ nth: 2, stage: "received" })
      yield* Effect.sleep("100 millis")
      assert.lengthOf(yield* models.journal.entries, 2)
      yield* held.release
      assert.lengthOf(yield* Fiber.join(asking), 5)
    })
  )
})
