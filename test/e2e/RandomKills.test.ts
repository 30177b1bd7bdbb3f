/**
 * Kill -9, again and again, at random moments of reviews of seven parts: one visible review for each head, nothing pending,
 * a truthful check run, and no part of a review bought again once its answer was kept.
 *
 * The queue gives a job up when its workers died five times, so that each review is killed four times at most. Four
 * services, with a database and a GitHub each, are killed side by side, because most of the time is spent in waiting
 * for a process to start and for the dead one to be missed.
 *
 * `HOLDFAST_TEST_SEED=<seed>` has the same moments drawn again; `HOLDFAST_TEST_KILLS=50` kills more often than there is
 * time for among all other tests.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Random, Ref, Schema } from "effect"
import { replayed } from "../support/Histories.ts"
import { checksOf, installWithModel, parts, rows, until } from "./WithModel.ts"

const seed = replayed().seed ?? Date.now() % 2 ** 31
const lanes = 4
const killsWanted = Number(process.env["HOLDFAST_TEST_KILLS"] ?? 12)
const killsOfOne = 4
const partsOfOne = 7

const pathIn = (prompt: string) => /^FILE (\S+),/m.exec(prompt)?.[1] ?? "no path"

const Step = Schema.Struct({ path: Schema.String, at: Schema.DateFromSelf })
const Job = Schema.Struct({ status: Schema.String, attempts: Schema.Number, crashes: Schema.Number })

interface Tally {
  readonly kills: number
  /** Kills that met a question on its way. */
  readonly inFlight: number
  readonly reviews: number
  readonly questions: number
  readonly parts: number
}
const none: Tally = { kills: 0, inFlight: 0, reviews: 0, questions: 0, parts: 0 }
const plus = (one: Tally, other: Partial<Tally>): Tally => ({
  kills: one.kills + (other.kills ?? 0),
  inFlight: one.inFlight + (other.inFlight ?? 0),
  reviews: one.reviews + (other.reviews ?? 0),
  questions: one.questions + (other.questions ?? 0),
  parts: one.parts + (other.parts ?? 0)
})

/** One finding on each part, by which its answer can be told; after a while in which a kill can come. */
const script: Parameters<typeof installWithModel>[0] = ({ prompt }) => {
  const path = pathIn(prompt)
  const quote = /^\+(.*)$/m.exec(prompt)?.[1] ?? ""
  const finding = {
    path,
    quote,
    severity: "high",
    category: "bug",
    confidence: "high",
    title: `About ${path}`,
    message: "It is wrong.",
    suggestion: null
  }
  return Effect.as(Effect.sleep("80 millis"), { json: { findings: [finding] } })
}

const lane = (tally: Ref.Ref<Tally>) =>
  Effect.gen(function* () {
    const installed = yield* installWithModel(script)
    const { models, sandbox } = installed
    let process = yield* installed.serve
    const events = Effect.zipWith(
      sandbox.journal.entries,
      models.journal.entries,
      (requests, questions) => requests.length + questions.length
    )
    /** Takes one of the kills that are left. */
    const takeKill = Ref.modify(tally, (now) =>
      now.kills < killsWanted ? [true, plus(now, { kills: 1 })] : [false, now]
    )
    const isDone = Effect.map(Ref.get(tally), ({ kills }) => kills >= killsWanted)

    const reviewOnce = Effect.gen(function* () {
      const asked = (yield* models.journal.entries).length
      const mark = `review${asked}`
      const pull = yield* Effect.orDie(
        sandbox.pulls.open({ content: { before: {}, after: parts(partsOfOne, mark) }, headBranch: mark })
      )
      const check = Effect.map(checksOf(installed, pull, pull.headSha), ([one]) => one)
      const kills: Array<{ readonly from: number; readonly to: number }> = []
      while (kills.length < killsOfOne) {
        const from = yield* events
        const after = yield* Random.nextIntBetween(1, 32)
        const millis = yield* Random.nextIntBetween(0, 60)
        const ended = yield* until(Effect.zip(events, check), ([count, run]) => {
          return count - from >= after || run?.status === "completed"
        })
        if (ended[1]?.status === "completed" || !(yield* takeKill)) break
        yield* Effect.sleep(millis)
        const open = (yield* models.journal.entries).filter(({ stage }) => stage === "received")
        yield* Ref.update(tally, (now) => plus(now, { inFlight: open.length > 0 ? 1 : 0 }))
        const killed = Date.now()
        yield* process.signal("SIGKILL")
        yield* process.ended
        process = yield* installed.serve
        // What the dead process had sent can still arrive until then.
        kills.push({ from: killed, to: Date.now() })
      }
      const run = yield* until(check, (one) => one?.status === "completed")
      const [job] = yield* until(
        rows(
          installed,
          Job,
          `select status, attempts, crashes from review_jobs where pr_number = ${pull.number}`
        ),
        ([one]) => one !== undefined && !["pending", "processing"].includes(one.status)
      )
      assert.deepInclude(job, { status: "completed", attempts: 0 })
      assert.isAtMost(job?.crashes ?? 0, kills.length)

      const reviews = yield* sandbox.view.allReviews(pull)
      assert.deepStrictEqual(
        reviews.map(({ comments, state }) => [state, comments.length]),
        [["COMMENTED", partsOfOne]],
        "one visible review with all findings, and nothing pending"
      )
      assert.strictEqual(run?.conclusion, "neutral")
      assert.lengthOf(yield* checksOf(installed, pull, pull.headSha), 1)

      const steps = yield* rows(
        installed,
        Step,
        `select output #>> '{answer,findings,0,path}' as path, step.created_at as at
         from job_steps step join review_jobs job on job.id = step.job_id
         where job.pr_number = ${pull.number} and step.key like 'answer:%' and step.output #> '{answer,findings}' is not null`
      )
      assert.lengthOf(steps, partsOfOne)
      const questions = (yield* models.journal.entries)
        .slice(asked)
        .filter(({ question }) => question?.schemaName === "review")
      for (const { at, path } of steps) {
        const times = questions
          .filter(({ question }) => pathIn(question?.prompt ?? "") === path)
          .map(({ receivedAt }) => receivedAt)
        for (const time of times)
          assert.isBelow(time, at.getTime(), `${path} was asked again once it was kept`)
        const hit = kills.filter(({ from, to }) => from <= at.getTime() && to >= (times[0] ?? 0))
        assert.isAtLeast(times.length, 1)
        assert.isAtMost(times.length, 1 + hit.length, `${path} was asked more often than kills explain`)
      }
      yield* Ref.update(tally, (now) =>
        plus(now, { reviews: 1, questions: questions.length, parts: partsOfOne })
      )
    })
    yield* Effect.repeat(reviewOnce, { until: () => isDone })
  }).pipe(Effect.scoped)

describe(`${killsWanted} kills, with seed ${seed}`, () => {
  it.scopedLive(
    "leave one review for each head, and no answer is bought again once it was kept",
    () =>
      Effect.gen(function* () {
        const tally = yield* Ref.make(none)
        const began = Date.now()
        yield* Effect.forEach(
          Array.from({ length: lanes }, (_, at) => at),
          (at) => Effect.withRandom(lane(tally), Random.make(`${seed}:${at}`)),
          { concurrency: "unbounded", discard: true }
        )
        const { inFlight, kills, parts, questions, reviews } = yield* Ref.get(tally)
        yield* Effect.logInfo(
          `${kills} kills, ${inFlight} of them with questions on their way, in ${reviews} reviews: ${questions} questions for ${parts} parts; ${Math.round((Date.now() - began) / 1000)} s`
        )
        assert.strictEqual(kills, killsWanted)
        // One in five does; of a dozen kills, it can be none.
        if (kills >= 50) assert.isAbove(inFlight, 0, "no kill met a question on its way")
      }),
    600_000
  )
})
