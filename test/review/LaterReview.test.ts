/** What a pull request sees after its first review, over HTTP: pushes, rebases, answers, dismissals. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { type InstallationSettings, nothingSet } from "../../src/review/Settings.ts"
import { ModelSandbox, type ModelSandboxService } from "../../src/sandbox/ModelSandbox.ts"
import { settingsFor } from "../model/Asked.ts"
import { faults, word } from "../model/Faults.ts"
import { begin, type Reviewing } from "./Reviewing.ts"

const lines = (file: string, changes: Readonly<Record<number, string>> = {}): string =>
  Array.from({ length: 60 }, (_, at) => `${changes[at] ?? `const ${file}${at} = ${at}`}\n`).join("")

const files = (changes: { readonly a?: Record<number, string>; readonly b?: Record<number, string> }) => ({
  ".github/holdfast.yml": "version: 1\nreview: { debounce_seconds: 0 }\n",
  "src/a.ts": lines("a", changes.a),
  "src/b.ts": lines("b", changes.b)
})

const first = { a: { 5: `${word} one`, 40: "new line" }, b: { 10: "fine" } }

const beginWith = (models: ModelSandboxService, after = files(first)) =>
  begin({ before: files({}), after }, settingsFor("openai-compatible", models))

/** Reviews the first head with that model. */
const reviewed = Effect.gen(function* () {
  const models = yield* ModelSandbox.make({
    script: (question) => ({ json: { findings: faults(question) } })
  })
  const reviewing = yield* beginWith(models)
  yield* reviewing.finish
  return { models, reviewing }
})

/** Pushes these files, as their webhook would say, and reviews them. */
const push = (
  { pull, sandbox, store, subject, finish }: Reviewing,
  after: Readonly<Record<string, string>>,
  { force = false, full = false } = {}
) =>
  Effect.gen(function* () {
    const { headSha } = yield* sandbox.pulls.push(pull, { content: { after }, force })
    yield* store.enqueue({
      subject: { ...subject, commitSha: headSha },
      trigger: "push",
      ...(full ? { payload: { full } } : {})
    })
    yield* finish
    const reviews = yield* sandbox.view.allReviews(pull)
    const review = reviews.at(-1)
    const check = (yield* sandbox.view.checkRuns(pull)).at(-1)
    if (review === undefined || check === undefined) return yield* Effect.dieMessage("no review")
    return { review, reviews, check }
  })

/** Those about the change, and not about what was found in it. */
const questions = (models: ModelSandboxService) =>
  Effect.map(models.journal.entries, (entries) =>
    entries.flatMap(({ question }) => (question?.schemaName === "review" ? [question] : []))
  )
const asked = (models: ModelSandboxService) => Effect.map(questions(models), ({ length }) => length)

describe("a later review", () => {
  it.scopedLive("asks about what was pushed since, and says so", () =>
    Effect.gen(function* () {
      const { models, reviewing } = yield* reviewed
      const { check, review } = yield* push(
        reviewing,
        files({ ...first, a: { ...first.a, 40: "other line" } })
      )
      const prompt = (yield* questions(models)).at(-1)?.prompt ?? ""
      assert.include(prompt, "other line")
      assert.notInclude(prompt, `${word} one`)
      assert.notInclude(prompt, "src/b.ts")
      assert.include(review.body, "This review covers what changed since the last one, at")
      assert.include(review.body, "1 commit.")
      assert.include(review.body, "No new findings; 1 still open")
      assert.include(review.body, "1 unchanged since the last review")
      assert.lengthOf(review.comments, 0)
      // It is not green: what was found before is still there.
      assert.strictEqual(check.conclusion, "neutral")
    })
  )

  it.scopedLive("asks nothing when nothing that is reviewed has changed", () =>
    Effect.gen(function* () {
      const { models, reviewing } = yield* reviewed
      const before = yield* asked(models)
      const { review } = yield* push(reviewing, { ...files(first), "package-lock.json": "{}" })
      assert.strictEqual(yield* asked(models), before)
      assert.include(review.body, "2 unchanged since the last review")
    })
  )

  it.scopedLive("does not repeat a finding whose lines have moved, nor after a rebase", () =>
    Effect.gen(function* () {
      const { reviewing } = yield* reviewed
      const moved = { ...files(first), "src/a.ts": `// a\n// b\n// c\n${files(first)["src/a.ts"]}` }
      const pushed = yield* push(reviewing, moved)
      assert.lengthOf(pushed.review.comments, 0)
      assert.include(pushed.review.body, "1 still open")
      const rebased = yield* push(reviewing, files({ ...first, b: { 10: `${word} two` } }), { force: true })
      assert.include(rebased.review.body, "the branch has been rewritten")
      assert.deepStrictEqual(
        rebased.review.comments.map(({ path }) => path),
        ["src/b.ts"]
      )
      assert.include(rebased.review.body, "1 new finding: 1 high; 1 still open")
    })
  )

  it.scopedLive("does not repeat a finding that the model calls by another kind, in other words", () =>
    Effect.gen(function* () {
      const { models, reviewing } = yield* reviewed
      yield* models.script((question) => ({
        json: {
          findings: faults(question).flatMap((found) => [
            { ...found, category: "error-handling", title: "It is wrong: WRONG one" },
            { ...found, category: "security", title: "Leaks the user's token" },
            { ...found, category: "performance", title: "Asks the database for each item" }
          ])
        }
      }))
      const { review } = yield* push(reviewing, files({ ...first, a: { ...first.a, 41: "more" } }), {
        full: true
      })
      // What is new there is said, also when there are two of it.
      assert.include(review.body, "2 new findings: 2 high; 1 still open")
      assert.lengthOf(review.comments, 2)
      assert.notInclude(review.comments.map(({ body }) => body).join("\n"), "It is wrong")
    })
  )

  it.scopedLive("resolves its thread when the code is gone, and is green again", () =>
    Effect.gen(function* () {
      const { reviewing } = yield* reviewed
      const { check, review } = yield* push(reviewing, files({ ...first, a: { 40: "new line" } }))
      assert.include(review.body, "Gone since:")
      assert.strictEqual(check.conclusion, "success")
      const threads = yield* reviewing.sandbox.view.threads(reviewing.pull)
      assert.deepStrictEqual(
        threads.map(({ resolved }) => resolved),
        [true]
      )
      // And tells of it when it comes back.
      const back = yield* push(reviewing, files(first))
      assert.lengthOf(back.review.comments, 1)
    })
  )

  it.scopedLive("leaves a thread alone in which a person has answered", () =>
    Effect.gen(function* () {
      const { reviewing } = yield* reviewed
      const { pull, sandbox } = reviewing
      const [thread] = yield* sandbox.view.threads(pull)
      if (thread === undefined) return yield* Effect.dieMessage("no thread")
      yield* sandbox.pulls.reply(pull, thread.first.id, { login: "octocat", body: "It is meant to be so." })
      yield* push(reviewing, files({ ...first, a: { 40: "new line" } }))
      const [after] = yield* sandbox.view.threads(pull)
      assert.strictEqual(after?.resolved, false)
    })
  )

  it.scopedLive("does not bring up again what a person resolved, or dismissed", () =>
    Effect.gen(function* () {
      const { reviewing } = yield* reviewed
      const { dismissed, pull, records, sandbox } = reviewing
      const [thread] = yield* sandbox.view.threads(pull)
      if (thread === undefined) return yield* Effect.dieMessage("no thread")
      yield* sandbox.pulls.resolve(pull, thread.first.id)
      const more = { ...first, b: { 10: `${word} two` } }
      const resolved = yield* push(reviewing, files(more), { full: true })
      assert.lengthOf(resolved.review.comments, 1)
      assert.include(resolved.review.body, "Everything was reviewed again, as it was asked for.")
      assert.notInclude(resolved.review.body, "still open")
      dismissed.add(records.at(-1)?.report.placement.comments[0]?.fingerprint ?? "")
      const silent = yield* push(reviewing, files({ ...more, a: { ...first.a, 41: "one more" } }), {
        full: true
      })
      assert.lengthOf(silent.review.comments, 0)
      assert.include(silent.review.body, "1 dismissed finding not shown.")
      assert.strictEqual(silent.check.conclusion, "success")
    })
  )

  it.scopedLive("reads again what the last one could not", () =>
    Effect.gen(function* () {
      const models = yield* ModelSandbox.make({ script: () => ({ text: "Sorry." }) })
      const reviewing = yield* beginWith(models)
      yield* reviewing.finish
      yield* models.script((question) => ({ json: { findings: faults(question) } }))
      const { review } = yield* push(reviewing, files({ ...first, a: { ...first.a, 40: "other line" } }))
      assert.include((yield* questions(models)).at(-1)?.prompt, "src/b.ts")
      assert.lengthOf(review.comments, 1)
    })
  )

  it.scopedLive("by a model takes nothing for read that the rules alone have read", () =>
    Effect.gen(function* () {
      const models = yield* ModelSandbox.make({
        script: (question) => ({ json: { findings: faults(question) } })
      })
      let choice: Partial<InstallationSettings> = { provider: Option.some("rules") }
      const reviewing = yield* begin(
        { before: files({}), after: files(first) },
        settingsFor("openai-compatible", models),
        undefined,
        { settings: Effect.sync(() => ({ ...nothingSet, ...choice })) }
      )
      yield* reviewing.finish
      const pushAs = (next: typeof choice, line: string) => {
        choice = next
        return push(reviewing, files({ ...first, a: { ...first.a, 40: line } }))
      }
      const byModel = yield* pushAs({}, "for a model")
      assert.include(byModel.review.body, "Everything was reviewed again: the last review, at")
      assert.include(byModel.review.body, "was by the rules alone.")
      assert.include((yield* questions(models)).map(({ prompt }) => prompt).join("\n"), "src/b.ts")
      assert.lengthOf(byModel.review.comments, 1)
      const goesOn = "This review covers what changed since the last one"
      for (const next of [{ model: Option.some("reviewer-2") }, { provider: Option.some("rules") }]) {
        assert.include((yield* pushAs(next, JSON.stringify(next))).review.body, goesOn)
      }
    })
  )

  it.scopedLive("takes its own findings for new when it comes back from the dead", () =>
    Effect.gen(function* () {
      const { reviewing } = yield* reviewed
      const { attempt, bury, claim, finish, pull, sandbox, store, subject } = reviewing
      const { headSha } = yield* sandbox.pulls.push(pull, {
        content: { after: files({ ...first, b: { 10: `${word} two` } }) }
      })
      yield* store.enqueue({ subject: { ...subject, commitSha: headSha }, trigger: "push" })
      // The first attempt publishes, and its worker dies before that is written down.
      const claimed = Option.getOrThrow(yield* claim)
      yield* attempt(claimed)
      yield* bury(claimed)
      yield* finish
      const reviews = yield* sandbox.view.allReviews(pull)
      assert.lengthOf(reviews, 2)
      const check = (yield* sandbox.view.checkRuns(pull)).at(-1)
      assert.include(check?.title, "1 new finding")
    })
  )
})
