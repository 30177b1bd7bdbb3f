import { assert, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import type { NewJob } from "../../../src/queue/Job.ts"
import { QueueSettings } from "../../../src/queue/QueueSettings.ts"
import * as TestDatabase from "../../support/TestDatabase.ts"
import * as Bystander from "./Bystander.ts"
import * as Cost from "./Cost.ts"
import * as Watched from "./Watched.ts"

const blocked = 100_000
/** As long a backlog as any claim gets to see. */
const short = 1_000
/** The installation whose jobs are blocked. */
const busy = 1_000_000

/** The two that hold the places hold them for the whole test. */
const settings = { ...QueueSettings.defaults, lease: Duration.hours(1), pollEvery: Duration.millis(200) }

type Client = Effect.Effect.Success<ReturnType<typeof Bystander.make>>

const ofBusy = (pullRequest: number): NewJob => ({
  subject: {
    installationId: busy,
    owner: "busy",
    repo: "shop",
    pullRequest,
    title: "Add a cart",
    commitSha: "c0ffee",
    baseBranch: "main"
  },
  trigger: "command",
  payload: { do: "hang" }
})

/** Brings the installation to its cap. */
const fill = ({ store }: Client) =>
  Effect.gen(function* () {
    yield* store.enqueueAll([ofBusy(1), ofBusy(2)])
    const worker = yield* store.registerWorker({ host: "test", pid: process.pid, version: "0" })
    const { jobs } = yield* store.claim(worker, 10)
    assert.strictEqual(jobs.length, 2)
    return worker
  })

/** So many more jobs of it, more urgent and older than anybody else's. */
const addBacklog = ({ sql }: Client, from: number, to: number) => sql`
  insert into review_jobs (
    installation_id, repo_full_name, owner, repo, pr_number, pr_title, commit_sha, base_branch, trigger, priority, run_at
  )
  select ${busy}, 'busy/shop', 'busy', 'shop', number, '', 'c0ffee', 'main', 'command', 0, now() - interval '1 day'
  from generate_series(${from + 3}::integer, ${to + 2}) number`

/** How many jobs of the blocked installation have ever been claimed, beyond the two that hold its places. */
const begun = ({ sql }: Client) => sql`
  select id from review_jobs where installation_id = ${busy} and pr_number > 2 and (status <> 'pending' or lease_epoch > 0)`

it.scopedLive(
  "22. 100,000 blocked rows of one installation → other installations unaffected",
  () =>
    Effect.gen(function* () {
      const url = yield* TestDatabase.url
      const bystander = yield* Effect.provideService(Bystander.make(url), QueueSettings, settings)
      const worker = yield* fill(bystander)
      yield* addBacklog(bystander, 0, short)
      const besideFew = yield* Cost.ofClaims(bystander, worker)
      yield* addBacklog(bystander, short, blocked)
      // As autovacuum does within a minute.
      yield* bystander.sql`analyze review_jobs`
      const besideAll = yield* Cost.ofClaims(bystander, worker)
      // The rows between the two are on some 2,500 pages. Few of a small table may be all of it, hence the margin.
      assert.isAtMost(besideAll, besideFew * 1.5 + 500, "pages that a claim of theirs visits")

      const ids = yield* bystander.enqueueMany(20, { do: "complete" })
      const ran: Array<number> = []
      yield* Watched.start({ url, settings, handle: ({ job }) => Effect.sync(() => ran.push(job.id)) })
      yield* Effect.forEach(ids, (id) => bystander.until(id, "completed"))
      assert.deepStrictEqual(
        ran.sort((a, b) => a - b),
        ids.map(Number)
      )
      assert.deepStrictEqual(yield* begun(bystander), [])
    }),
  90_000
)
