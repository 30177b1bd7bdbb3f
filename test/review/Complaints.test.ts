/**
 * What people complain of in every rival, in order: that each can't happen here, over HTTP. The first is in
 * GreenUnreviewed.test.ts, silence in Silence.test.ts.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { noFindings, type Script } from "../../src/sandbox/models/Script.ts"
import { ask, beginScripted, configured, faultsWith, pathsIn, push, says, seen } from "./Scripted.ts"

const word = "WRONG"

const categories = [
  "bug",
  "security",
  "concurrency",
  "error-handling",
  "performance",
  "compatibility",
  "tests",
  "documentation",
  "maintainability"
] as const

/** So many lines, of which some are otherwise. */
const lines = (count: number, changes: Readonly<Record<number, string>> = {}): string =>
  Array.from({ length: count }, (_, at) => `${changes[at] ?? `const value${at} = ${at}`}\n`).join("")

const at = (...places: ReadonlyArray<number>) =>
  Object.fromEntries(places.map((place) => [place, `${word} ${place}`]))

describe("what people complain of in every rival", () => {
  // Placement and its counts by example: Place.test.ts.
  it.scopedLive("noise", () =>
    Effect.gen(function* () {
      const severities = ["low", "medium", "high", "critical"] as const
      const faults = faultsWith(word, (line) => ({
        severity: severities[Number(/\d+/.exec(line)?.[0] ?? 0) % 4] ?? "low"
      }))
      // It says everything twice.
      const script: Script = (question) => {
        const { findings } = faults(question).json
        return { json: { findings: [...findings, ...findings] } }
      }
      const config = "{ review: { max_comments: 3, debounce_seconds: 0 }, output: { summary: false } }"
      const { after, before } = configured(
        config,
        { "src/a.ts": lines(80) },
        { "src/a.ts": lines(80, at(4, 8, 13, 22, 31, 42, 55)) }
      )
      const reviewing = yield* beginScripted({ before, after }, script)
      yield* reviewing.finish
      const first = yield* seen(reviewing)
      assert.deepStrictEqual(
        first.last?.comments.map(({ line }) => line),
        [23, 32, 56],
        "the most severe, each once"
      )
      assert.include(
        first.last?.body,
        "2 more findings (1 high, 1 medium) over the limit on comments not shown."
      )
      assert.include(first.last?.body, "2 findings below the minimum severity not shown.")

      // Nothing new is said: so nothing is, but for the check run.
      yield* push(reviewing, { ...after, "src/a.ts": lines(80, { ...at(22, 31, 55), 70: "fine" }) })
      const second = yield* seen(reviewing)
      assert.lengthOf(second.reviews, 1)
      assert.include(second.check.title, "3 still open")
    })
  )

  // Pushes, rebases, answers and dismissals one by one: LaterReview.test.ts.
  it.scopedLive("the same finding again after it was answered", () =>
    Effect.gen(function* () {
      let asked = 0
      // Never in the same words, nor of quite the same lines.
      const script: Script = (question) => {
        asked++
        const [path = ""] = pathsIn(question)
        const added = question.prompt.split("\n").filter((line) => line.startsWith("+"))
        const found = added.filter((line) => line.includes(word)).map((line) => line.slice(1))
        return {
          json: {
            findings: found.map((line) => {
              const next = added[added.indexOf(`+${line}`) + 1]?.slice(1)
              return says(path, asked % 2 === 0 && next !== undefined ? `${line}\n${next}` : line, {
                title: `In other words, ${asked}: ${line}`
              })
            })
          }
        }
      }
      const config = "review: { debounce_seconds: 0 }"
      const all = (changes: Readonly<Record<number, string>>, more: Readonly<Record<string, string>> = {}) =>
        configured(config, { "src/a.ts": lines(60) }, { "src/a.ts": lines(60, changes), ...more })
      const first = { ...at(5, 30), 6: "new", 31: "new" }
      const reviewing = yield* beginScripted(all(first), script)
      yield* reviewing.finish
      const { pull, sandbox } = reviewing
      const [answered, resolved] = yield* sandbox.view.threads(pull)
      if (answered === undefined || resolved === undefined) return yield* Effect.dieMessage("no threads")
      yield* sandbox.pulls.reply(pull, answered.first.id, { login: "octocat", body: "It is meant so." })
      yield* sandbox.pulls.resolve(pull, resolved.first.id)

      // Pushes, that move the lines or change the next one, a rebase, and whoever asks for all of it anew.
      yield* push(reviewing, { ...all(first).after, "src/a.ts": `// moved\n// moved\n${lines(60, first)}` })
      yield* push(reviewing, all({ ...first, 7: "newer" }).after)
      yield* push(reviewing, all(first, { "src/b.ts": "const b = 1\n" }).after, { force: true })
      yield* ask(reviewing, { trigger: "command", generation: 1, payload: { full: true } })
      yield* reviewing.finish
      const { reviews } = yield* seen(reviewing)
      assert.deepStrictEqual(
        reviews.map(({ comments }) => comments.length),
        [2, 0, 0, 0, 0]
      )
      for (const { body } of reviews.slice(1)) {
        assert.include(body, "**No new findings; 1 still open**")
        assert.notInclude(body, "### Findings")
      }
      assert.isAtLeast(asked, 4)
    })
  )

  // What is left out, and for which reason: Chunker.test.ts, FileFilter.test.ts; how it is told: ReviewBody.test.ts.
  it.scopedLive("a partial review that looks whole", () =>
    Effect.forEach(
      [
        { config: "files: { max_files: 1 }", says: /over the limit of 1 files/ },
        { config: "limits: { max_tokens: 1000 }", says: /over the limit of 1000 tokens/ },
        { config: "", maxPatchLines: 100, says: /too large: GitHub gives no diff for its 220 changed lines/ },
        { config: "", fails: "src/b.ts", says: /the model failed/ }
      ],
      ({ config, fails, maxPatchLines, says }) =>
        Effect.gen(function* () {
          const files = configured(
            `{ ${[config, "review: { debounce_seconds: 0 }"].filter((part) => part !== "").join(", ")} }`,
            {},
            { "src/a.ts": lines(20), "src/b.ts": lines(220) }
          )
          const reviewing = yield* beginScripted(
            files,
            (question) =>
              fails !== undefined && pathsIn(question).includes(fails) ? { text: "Sorry." } : noFindings,
            maxPatchLines === undefined ? {} : { sandbox: { maxPatchLines } }
          )
          const looksPartial = (when: string) =>
            Effect.gen(function* () {
              const { check, last, said } = yield* seen(reviewing)
              assert.strictEqual(check.conclusion, "neutral", when)
              assert.match(check.title ?? "", /\d files? not or not fully reviewed/, when)
              for (const text of [said, last?.body.replaceAll("\\", "") ?? ""]) {
                assert.match(text, says, when)
                assert.match(text, /not or not fully reviewed/, when)
              }
            })
          yield* reviewing.finish
          yield* looksPartial("at first")
          // Nor does the next one, that has little to look at.
          yield* push(reviewing, { ...files.after, "src/c.ts": "const c = 1\n" })
          yield* looksPartial("after a push")
        }).pipe(Effect.scoped),
      { discard: true }
    )
  )

  // Quotes of every kind: Quote.test.ts; every line that GitHub takes, and no other: PlacementLaw.test.ts.
  it.scopedLive("wrong lines", () =>
    Effect.gen(function* () {
      const before = lines(300)
      const after = lines(300, {
        20: "const total = sum / 0",
        21: "}",
        22: "}",
        250: "return total",
        251: "}"
      })
      const absurd: ReadonlyArray<readonly [quote: string, line: number | null]> = [
        ["const total = sum / 0", 21],
        ["+const total = sum / 0", 21],
        ["21: const total = sum / 0", 21],
        ["```ts\n  const total   =  sum / 0\n```", 21],
        ["return total\n}", 252],
        // It stands in the file, and not in the diff.
        ["const value100 = 100", null],
        ["const total = sum / 0\n...\nreturn total", null],
        ["const total = 0 // as it should be", null],
        ["line 21", null],
        ["", null],
        [" \n\t\n", null],
        ["@@ -1,4 +250,7 @@\n+const total = sum / 0", null],
        [".*", null],
        ["x".repeat(20_000), null],
        [after, null]
      ]
      const reviewing = yield* beginScripted(
        configured("review: { max_comments: 50 }", { "src/a.ts": before }, { "src/a.ts": after }),
        () => ({
          json: {
            findings: absurd.map(([quote], nth) =>
              // Of one kind on one line, only one is shown.
              says("src/a.ts", quote, { title: `Quote ${nth}.`, category: categories[nth % 9] ?? "bug" })
            )
          }
        })
      )
      yield* reviewing.finish
      const { last } = yield* seen(reviewing)
      const placed = absurd.map((_, nth) => {
        const comment = last?.comments.find(({ body }) => body.includes(`Quote ${nth}.`))
        if (comment === undefined) assert.include(last?.body, `Quote ${nth}.`)
        return comment?.line ?? null
      })
      assert.deepStrictEqual(
        placed,
        absurd.map(([, line]) => line)
      )
      const posts = (yield* reviewing.sandbox.journal.entries).filter(
        ({ method, path }) => method === "POST" && path.endsWith("/reviews")
      )
      assert.deepStrictEqual(
        posts.map(({ answer }) => answer?.status),
        [200],
        "GitHub has refused none of them"
      )
    })
  )

  // Each provider's manner of answering what can't be read: Providers.test.ts, Models.test.ts.
  it.scopedLive("unparseable output", () =>
    Effect.forEach(
      [
        { text: "Sorry, I can't find anything wrong with this." },
        { text: '{"findings": [{"path": "src/a.ts", "quote": "const' },
        { text: "<html>502</html>" },
        { json: { findings: "none" } },
        { json: { findings: [{ path: "src/a.ts", quote: "const value0 = 0", severity: "blocker" }] } },
        { json: [] }
      ],
      (garbage) =>
        Effect.gen(function* () {
          const reviewing = yield* beginScripted(
            { before: {}, after: { "src/a.ts": lines(3), "src/debug.ts": "debugger\n" } },
            () => garbage
          )
          yield* reviewing.finish
          const what = JSON.stringify(garbage)
          const questions = (yield* reviewing.models.journal.entries).flatMap(
            ({ question }) => question ?? []
          )
          assert.lengthOf(questions, 2, `${what}: asked once, and once more`)
          assert.notStrictEqual(questions[0]?.prompt, questions[1]?.prompt)
          const { check, last, said } = yield* seen(reviewing)
          assert.strictEqual(check.conclusion, "neutral", what)
          assert.match(said, /2 files not or not fully reviewed[\s\S]*the model failed/, what)
          assert.notInclude(said, "No findings", what)
          // What needs no model is there all the same.
          assert.deepStrictEqual(
            last?.comments.map(({ path }) => path),
            ["src/debug.ts"],
            what
          )
        }).pipe(Effect.scoped),
      { discard: true }
    )
  )
})
