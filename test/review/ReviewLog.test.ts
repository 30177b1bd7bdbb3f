/** Records of reviews, and dismissals, as they stand in the database. */
import * as SqlClient from "@effect/sql/SqlClient"
import { assert, layer } from "@effect/vitest"
import { Duration, Effect, Layer, Option } from "effect"
import type { Subject } from "../../src/queue/Job.ts"
import * as PostgresJobStore from "../../src/queue/JobStore/Postgres.ts"
import { JobStore } from "../../src/queue/JobStore.ts"
import { commentable } from "../../src/review/Commentable.ts"
import { type Coverage, reviewed, unlisted } from "../../src/review/Coverage.ts"
import * as Dismissals from "../../src/review/Dismissals.ts"
import type { Posted } from "../../src/review/Earlier.ts"
import { placeFindings } from "../../src/review/Place.ts"
import * as ReviewLog from "../../src/review/ReviewLog.ts"
import * as TestDatabase from "../support/TestDatabase.ts"
import { finding } from "./Findings.ts"
import { newFile } from "./Patches.ts"

const subject = (pullRequest: number, commitSha = "c0ffee"): Subject => ({
  installationId: 1,
  owner: "acme",
  repo: "shop",
  pullRequest,
  title: "Add a cart",
  commitSha,
  baseBranch: "main"
})

const services = Layer.mergeAll(ReviewLog.layer, Dismissals.layer, PostgresJobStore.layer).pipe(
  Layer.provideMerge(TestDatabase.layer)
)

/** Records a review of a file with these lines, each of which has a finding. */
const record = (
  about: Subject,
  lines: ReadonlyArray<string>,
  {
    coverage = [reviewed("src/a.ts")],
    gone = []
  }: { readonly coverage?: Coverage; readonly gone?: ReadonlyArray<Posted> } = {}
) =>
  Effect.gen(function* () {
    const store = yield* JobStore
    const { id } = yield* store.enqueue({ subject: about, trigger: "push" })
    const job = Option.getOrThrow(yield* store.find(id))
    const found = lines.map((_, at) => finding({ line: Option.some(at + 1), title: `Finding ${at}` }))
    const placement = placeFindings(found, commentable([newFile("src/a.ts", ...lines)]), {
      minSeverity: "low",
      maxComments: 100,
      suggestions: true
    })
    const log = yield* ReviewLog.ReviewLog
    yield* log.record({
      job,
      report: {
        key: { ...about, generation: 0 },
        placement,
        coverage,
        provider: "rules",
        model: "rules",
        history: Option.some({ commitSha: "before", scope: { _tag: "Asked" }, open: [], gone }),
        notes: []
      },
      reviewId: Option.some(id),
      checkRunId: Option.none(),
      inputTokens: 0,
      outputTokens: 0,
      cost: Option.none(),
      duration: Duration.zero
    })
  })

const recall = (about: Subject) => Effect.flatMap(ReviewLog.ReviewLog, (log) => log.recall(about))

layer(services, { excludeTestServices: true })("the records of reviews", (it) => {
  it.effect("tell the last review of a pull request, and what all of them posted", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* recall(subject(1)), { last: null, posted: [] })
      yield* record(subject(1, "aaaa"), ["one", "two"])
      yield* record(subject(1, "bbbb"), ["two", "three"])
      yield* record(subject(2, "cccc"), ["of another"])
      const { last, posted } = yield* recall(subject(1))
      assert.deepStrictEqual(last, {
        commitSha: "bbbb",
        coverage: [reviewed("src/a.ts")],
        provider: "rules"
      })
      assert.lengthOf(posted, 3)
      assert.deepInclude(posted[0], { path: "src/a.ts", rule: "some-rule", severity: "high" })
    })
  )

  it.effect("forget what is gone, until it is posted again", () =>
    Effect.gen(function* () {
      yield* record(subject(3, "aaaa"), ["one", "two"])
      const { posted } = yield* recall(subject(3))
      yield* record(subject(3, "bbbb"), [], { gone: posted.slice(0, 1) })
      assert.deepStrictEqual((yield* recall(subject(3))).posted, posted.slice(1))
      yield* record(subject(3, "cccc"), ["one"])
      assert.lengthOf((yield* recall(subject(3))).posted, 2)
    })
  )

  it.effect("keep how many files GitHub did not list", () =>
    Effect.gen(function* () {
      const coverage = [reviewed("src/a.ts"), ...unlisted(3005, 3000)]
      yield* record(subject(7), ["one"], { coverage })
      assert.deepStrictEqual((yield* recall(subject(7))).last?.coverage, coverage)
      const sql = yield* SqlClient.SqlClient
      const rows = yield* sql`
        select entry->'files' as files from reviews, jsonb_array_elements(coverage) entry
        where pr_number = 7 and entry->>'_tag' = 'Unlisted'`
      assert.deepStrictEqual(rows, [{ files: 5 }])
    })
  )

  it.effect("count a coverage that can't be read as no review, and lose no finding for it", () =>
    Effect.gen(function* () {
      yield* record(subject(4), ["one"])
      const sql = yield* SqlClient.SqlClient
      yield* sql`update reviews set coverage = '[{"_tag": "OfAVersionToCome"}]' where pr_number = 4`
      const { last, posted } = yield* recall(subject(4))
      assert.isNull(last)
      assert.lengthOf(posted, 1)
    })
  )

  it.effect("remember dismissals by pull request, however often they are made", () =>
    Effect.gen(function* () {
      const dismissals = yield* Dismissals.Dismissals
      yield* dismissals.dismiss(subject(5), "f00d", "octocat")
      yield* dismissals.dismiss(subject(5), "f00d", "hubot")
      assert.deepStrictEqual(yield* dismissals.of(subject(5)), new Set(["f00d"]))
      assert.deepStrictEqual(yield* dismissals.of(subject(6)), new Set())
    })
  )
})
