/** Each way in which a review's job can end or wait, and what its check run says then: served whole, over HTTP. */

import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import { Context, Duration, Effect, Layer, Schedule, Schema } from "effect"
import * as Cancel from "../../src/cli/jobs/Cancel.ts"
import * as Retry from "../../src/cli/jobs/Retry.ts"
import * as Database from "../../src/database/Database.ts"
import type { JobStatus } from "../../src/queue/Job.ts"
import * as Postgres from "../../src/queue/JobStore/Postgres.ts"
import { JobStore } from "../../src/queue/JobStore.ts"
import { UntoldEvery } from "../../src/review/Untold.ts"
import type { ControlResult } from "../../src/sandbox/Controls.ts"
import { ModelSandbox } from "../../src/sandbox/ModelSandbox.ts"
import { noFindings, type Reply } from "../../src/sandbox/models/Script.ts"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import * as TestDatabase from "../support/TestDatabase.ts"
import { serve } from "./Served.ts"

const patiently = Schedule.spaced("50 millis").pipe(Schedule.intersect(Schedule.recurs(1000)))

/** Where reviews are made, and how the model answers the one of each repository: not at all until it is told. */
const begin = Effect.gen(function* () {
  const sandbox = yield* Sandbox.make()
  const replies = new Map<string, Reply>()
  const models = yield* ModelSandbox.make({
    script: ({ prompt }) =>
      Effect.suspend(() => {
        const known = [...replies].find(([repo]) => prompt.includes(`"${repo}"`))
        return known === undefined ? Effect.fail("not told yet") : Effect.succeed(known[1])
      }).pipe(Effect.retry(Schedule.spaced("20 millis")), Effect.orDie)
  })
  const url = yield* TestDatabase.url
  const context = yield* Layer.build(Postgres.layer.pipe(Layer.provideMerge(Database.layerFromUrl({ url }))))
  const store = Context.get(context, JobStore)
  const sql = Context.get(context, SqlClient.SqlClient)

  const theJob = ({ headSha, ...pull }: ControlResult) =>
    store.list({ pullRequest: { ...pull, pullRequest: pull.number }, limit: 50 }).pipe(
      Effect.map((jobs) =>
        jobs.find(({ kind, subject }) => kind === "review" && subject.commitSha === headSha)
      ),
      Effect.flatMap(Effect.fromNullable)
    )
  /** Opens a pull request in a repository of this name. */
  const open = (repo: string, title = "A change") =>
    Effect.gen(function* () {
      const content = { before: {}, after: { "src/a.ts": `const a = "${repo}"\n` } }
      const pull = yield* sandbox.pulls.open({ repo, title, content })
      const { id } = yield* theJob(pull)
      /** Waits until the job is in one of these states. */
      const is = (...states: ReadonlyArray<JobStatus>) =>
        Effect.retry(
          Effect.filterOrFail(theJob(pull), ({ status }) => states.includes(status)),
          patiently
        )
      return {
        id,
        pull,
        repo,
        answers: (reply: Reply) => Effect.sync(() => replies.set(repo, reply)),
        /** As the operator, once the job is over. */
        retry: Effect.zipRight(is("failed", "cancelled"), Retry.run({ id, json: false })),
        is,
        /** Waits until it is claimed for the so manieth time. */
        claimed: (times: number) =>
          Effect.retry(
            Effect.filterOrFail(is("processing"), ({ epoch }) => epoch === times),
            patiently
          ),
        /** The check run, once it says so. */
        says: (words: RegExp) =>
          sandbox.view.checkRuns(pull).pipe(
            Effect.flatMap(([check, ...others]) =>
              check !== undefined && words.test(`${check.status} ${check.title}\n${check.summary}`)
                ? Effect.succeed({ ...check, others: others.length })
                : Effect.fail(`${repo} says ${JSON.stringify(check)}, and not ${words}`)
            ),
            Effect.retry(patiently)
          ),
        /** Its worker is gone, as far as anybody can see, and that for so many times. */
        dies: (times: number) =>
          Effect.asVoid(sql`
            update review_jobs set crashes = ${times - 1}, worker_id = 2000000000,
              lease_expires_at = now() - interval '1 second'
            where id = ${id} and status = 'processing'`)
      }
    })
  const start = (env: Readonly<Record<string, string>> = {}) => serve({ sandbox, models, url, env })
  return { sandbox, store, sql, open, start }
})

type Place = Effect.Effect.Success<typeof begin>
type TheJob = Effect.Effect.Success<ReturnType<Place["open"]>>

const reviewing = /^in_progress Reviewing/
const givenUp =
  /^completed Not reviewed\n.*the process that reviewed it died, 5 times; .*`holdfast jobs show \d+`/
const noCredit = { fault: { _tag: "OutOfCredit" } } as const

interface End {
  readonly title?: string
  readonly before?: (place: Place, repo: string) => Effect.Effect<unknown>
  readonly happens: (job: TheJob, place: Place) => Effect.Effect<unknown, unknown, JobStore>
  readonly conclusion: "success" | "failure" | "cancelled" | "skipped" | null
  readonly says: RegExp
  /** How many jobs are made to tell it; none where the worker that reviews does. */
  readonly toldBy?: number
}

/**
 * A push, a closing, a draft: MidReview.test.ts and Silence.test.ts. Limits of GitHub: RateLimits.test.ts. What else a
 * review fails with: GreenUnreviewed.test.ts. A job that was asked for in vain: Silence.test.ts.
 */
const ends: Readonly<Record<string, End>> = {
  skipped: {
    title: "WIP: not yet",
    happens: ({ is }) => is("cancelled"),
    conclusion: "skipped",
    says: /is not reviewed: its title matches/
  },
  completed: {
    happens: ({ answers, says }) => Effect.zipRight(says(reviewing), answers(noFindings)),
    conclusion: "success",
    says: /No findings/
  },
  failed: {
    happens: ({ answers }) => answers(noCredit),
    conclusion: "failure",
    says: /was not reviewed: .*429[\s\S]*`\/holdfast review`/
  },
  "retried-in-vain": {
    happens: ({ answers, says }) =>
      Effect.zipRight(
        answers({ fault: { _tag: "ServerFailure", status: 503 } }),
        says(/^queued Waiting\n.*tried again shortly: .*503/)
      ),
    conclusion: "failure",
    says: /was not reviewed: .*503/
  },
  snoozed: {
    happens: ({ answers }) => answers({ fault: { _tag: "RateLimited", retryAfterSeconds: 3600 } }),
    conclusion: null,
    says: /^queued Waiting\n.*waits until \d{4}-\S+: .*limits the rate[\s\S]*as soon as it is its turn/
  },
  "cancelled-waiting": {
    happens: ({ answers, id, says }) =>
      Effect.zipRight(
        answers({ fault: { _tag: "RateLimited", retryAfterSeconds: 3600 } }),
        Effect.zipRight(says(/^queued Waiting/), Cancel.run({ id, message: "too expensive", json: false }))
      ),
    conclusion: "cancelled",
    says: /was cancelled: too expensive/,
    toldBy: 1
  },
  "cancelled-waiting-and-nobody-told": {
    happens: ({ answers, id, says }, { store }) =>
      Effect.zipRight(
        answers({ fault: { _tag: "RateLimited", retryAfterSeconds: 3600 } }),
        Effect.zipRight(says(/^queued Waiting/), store.cancel(id, "too expensive"))
      ),
    conclusion: "cancelled",
    says: /was cancelled: too expensive/,
    toldBy: 1
  },
  "cancelled-running": {
    happens: ({ id, says }) =>
      Effect.zipRight(says(reviewing), Cancel.run({ id, message: "too expensive", json: false })),
    conclusion: "cancelled",
    says: /was cancelled: too expensive/
  },
  "cancelled-running-and-died": {
    happens: ({ dies, id, says }, { sql, store }) =>
      says(reviewing).pipe(
        Effect.zipRight(Effect.zipRight(store.cancel(id, "too expensive"), dies(1)).pipe(sql.withTransaction))
      ),
    conclusion: "cancelled",
    says: /was cancelled: too expensive/,
    toldBy: 1
  },
  "died-once": {
    happens: ({ answers, claimed, dies, says }) =>
      Effect.gen(function* () {
        yield* says(reviewing)
        yield* dies(1)
        yield* claimed(2)
        yield* says(reviewing)
        yield* answers(noFindings)
      }),
    conclusion: "success",
    says: /No findings/
  },
  "given-up": {
    happens: ({ dies, says }) => Effect.zipRight(says(reviewing), dies(5)),
    conclusion: "failure",
    says: givenUp,
    toldBy: 1
  },
  "given-up-before-it-had-a-check-run": {
    before: ({ sandbox }, repo) =>
      sandbox.faults.add({ fault: { _tag: "Hold", when: "before" }, path: `/repos/*/${repo}/pulls/*` }),
    happens: ({ dies, is }) => Effect.zipRight(is("processing"), dies(5)),
    conclusion: "failure",
    says: givenUp,
    toldBy: 1
  },
  "failed-while-GitHub-was-away": {
    happens: ({ answers, is, repo, says }, { sandbox }) =>
      Effect.gen(function* () {
        yield* says(reviewing)
        const away = yield* sandbox.faults.add({
          fault: { _tag: "Answer", status: 502, body: {} },
          path: `/repos/*/${repo}/check-runs/*`,
          count: null
        })
        yield* answers(noCredit)
        yield* is("failed")
        yield* says(reviewing)
        yield* away.remove
      }),
    conclusion: "failure",
    says: /was not reviewed: .*429/,
    toldBy: 1
  },
  "failed-and-retried": {
    happens: ({ answers, retry, says }) =>
      Effect.gen(function* () {
        yield* answers(noCredit)
        yield* says(/^completed Not reviewed/)
        yield* answers(noFindings)
        yield* retry
      }),
    conclusion: "success",
    says: /No findings/
  },
  "cancelled-and-retried": {
    happens: ({ answers, id, retry, says }) =>
      Effect.gen(function* () {
        yield* says(reviewing)
        yield* Cancel.run({ id, message: "too expensive", json: false })
        yield* says(/was cancelled/)
        yield* answers(noFindings)
        yield* retry
      }),
    conclusion: "success",
    says: /No findings/
  },
  "given-up-twice-and-retried": {
    happens: ({ answers, dies, retry, says }) =>
      Effect.gen(function* () {
        for (const _ of ["once", "twice"]) {
          yield* says(reviewing)
          yield* dies(5)
          yield* says(givenUp)
          yield* retry
        }
        yield* says(reviewing)
        yield* answers(noFindings)
      }),
    conclusion: "success",
    says: /No findings/,
    toldBy: 2
  }
}

const saysSuccess = Schema.is(Schema.Struct({ conclusion: Schema.Literal("success") }))

describe("the check run", () => {
  it.scopedLive(
    "says how its job ended or what it waits for, and never that it succeeded where nobody reviewed",
    () =>
      Effect.gen(function* () {
        const place = yield* begin
        yield* place
          .start({ HOLDFAST_MAX_ATTEMPTS: "2", HOLDFAST_DASHBOARD_URL: "https://holdfast.example/" })
          .pipe(Effect.provideService(UntoldEvery, Duration.millis(300)))
        const told = yield* Effect.forEach(
          Object.entries(ends),
          ([repo, { before, conclusion, happens, says, title }]) =>
            Effect.gen(function* () {
              if (before !== undefined) yield* before(place, repo)
              const job = yield* place.open(repo, title)
              yield* Effect.provideService(happens(job, place), JobStore, place.store)
              const check = yield* job.says(says)
              assert.deepStrictEqual([check.conclusion, check.others], [conclusion, 0], repo)
              assert.strictEqual(check.detailsUrl, `https://holdfast.example/jobs/${job.id}`, repo)
              return check.conclusion === "success" ? [check.id] : []
            }),
          { concurrency: 3 }
        )
        const written = (yield* place.sandbox.journal.entries)
          .filter(({ body, path }) => path.includes("/check-runs") && saysSuccess(body))
          .map(({ path }) => Number(path.split("/").at(-1)))
        assert.sameMembers(written, told.flat())
        const telling = yield* place.sql<{ readonly repo: string }>`
          select repo from review_jobs where kind like 'check-runs/%'`
        assert.sameMembers(
          telling.map(({ repo }) => repo),
          Object.entries(ends).flatMap(([repo, { toldBy = 0 }]) => Array.from({ length: toldBy }, () => repo))
        )
      }),
    120_000
  )

  it.scopedLive(
    "is told of a review that was given up just before all processes ended, once, by those that start next",
    () =>
      Effect.gen(function* () {
        const { open, sql, start, store } = yield* begin
        const { dies, id, is, says } = yield* Effect.gen(function* () {
          yield* start({ HOLDFAST_SHUTDOWN_GRACE: "0 seconds" })
          const job = yield* open("given-up")
          yield* job.says(reviewing)
          yield* job.dies(2)
          yield* job.claimed(2)
          yield* job.says(reviewing)
          return job
        }).pipe(Effect.scoped)
        assert.strictEqual((yield* is("pending")).epoch, 2, "it ran alone, and the shutdown gave it back")
        yield* says(reviewing)
        yield* sql`update review_jobs set status = 'processing', slot = 1 where id = ${id}`
        yield* dies(5)
        assert.deepStrictEqual(
          (yield* store.rescue).map(({ to }) => to),
          ["failed"]
        )
        yield* says(reviewing)
        yield* Effect.all([start(), start()], { concurrency: 2 })
        assert.strictEqual((yield* says(givenUp)).conclusion, "failure")
        const telling = yield* sql`select kind from review_jobs where kind <> 'review'`
        assert.deepStrictEqual(telling, [{ kind: `check-runs/${id}-2` }])
      }),
    60_000
  )
})
