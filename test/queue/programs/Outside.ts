/**
 * An outside that shows what was posted to it twice: reviews as GitHub keeps them, in tables of the tests' own.
 *
 * A review is made pending, visible to nobody, and there is at most one pending one for a pull request. Submitting it makes
 * it visible, once. So a check of the lease before each of the two is enough: who has lost its job can at worst leave a
 * pending review, which the next one submits or deletes. That is the publish protocol's own argument, and all that a check
 * can promise: between it and the write that it guards the lease can run out, and no check would see that.
 */
import type * as SqlClient from "@effect/sql/SqlClient"
import { Array as Arr, Effect, Option, Schema } from "effect"
import { guarded } from "../../../src/database/Database.ts"
import * as JobError from "../../../src/queue/JobError.ts"
import type { Claimed } from "../../../src/queue/JobStore.ts"

/** Makes the outside, with nothing in it. */
export const create = (sql: SqlClient.SqlClient) =>
  sql
    .unsafe(`
      create schema outside;
      create table outside.reviews (
        id bigint generated always as identity primary key,
        pull_request text not null,
        -- What is reviewed, and how often that was asked for: what the marker in a review's body says.
        commit_sha text not null,
        generation integer not null,
        state text not null check (state in ('pending', 'visible')),
        -- Who made it, for whoever looks into a double.
        job_id bigint not null,
        epoch bigint not null,
        at timestamptz not null default clock_timestamp()
      );
      create unique index one_pending on outside.reviews (pull_request) where state = 'pending';
      create index of_pull_request on outside.reviews (pull_request)`)
    .pipe(Effect.orDie)

/** Milliseconds that making the review takes, after the look whether it is there; and those before it is submitted. */
export type Pauses = readonly [make: number, submit: number]

const Review = Schema.Struct({ id: Schema.String, state: Schema.Literal("pending", "visible") })
const decode = Schema.decodeUnknown(Schema.Array(Review))

/** Posts the job's review, unless it is there. It may be interrupted, and may fail after it has succeeded. */
export const publish = (
  sql: SqlClient.SqlClient,
  { job, lease }: Claimed,
  check: Effect.Effect<void, JobError.JobError>,
  [make, submit]: Pauses
): Effect.Effect<void, JobError.JobError> => {
  const pullRequest = `${job.subject.owner}/${job.subject.repo}#${job.subject.pullRequest}`
  const reviews = (statement: Effect.Effect<ReadonlyArray<unknown>, unknown>) =>
    statement.pipe(
      guarded("outside"),
      Effect.mapError((error) => new JobError.Transient({ message: `the outside: ${error}` })),
      Effect.flatMap((rows) => Effect.orDie(decode(rows)))
    )
  const ours = sql`pull_request = ${pullRequest} and commit_sha = ${job.subject.commitSha}
    and generation = ${job.generation}`

  const find = Effect.map(
    reviews(sql`select id, state from outside.reviews where ${ours} order by state desc`),
    Arr.head
  )
  /** None when there is a pending one. What is pending of other work is what a dead attempt has left. */
  const post = Effect.zipRight(
    reviews(sql`
      delete from outside.reviews
      where pull_request = ${pullRequest} and state = 'pending' and not (${ours})
      returning id, state`),
    Effect.map(
      reviews(sql`
        insert into outside.reviews (pull_request, commit_sha, generation, state, job_id, epoch)
        values (${pullRequest}, ${job.subject.commitSha}, ${job.generation}, 'pending', ${job.id}, ${lease.epoch})
        on conflict do nothing
        returning id, state`),
      Arr.head
    )
  )
  return Effect.gen(function* () {
    let standing = yield* find
    if (Option.isNone(standing)) yield* Effect.sleep(make)
    while (Option.isNone(standing)) {
      yield* check
      standing = yield* post
      if (Option.isNone(standing)) standing = yield* find
    }
    if (standing.value.state === "visible") return
    yield* Effect.sleep(submit)
    yield* check
    const { id } = standing.value
    const submitted = yield* reviews(sql`
      update outside.reviews set state = 'visible' where id = ${id} and state = 'pending' returning id, state`)
    if (submitted.length > 0) return
    const now = yield* find
    if (!Option.exists(now, ({ state }) => state === "visible"))
      return yield* new JobError.Transient({ message: "somebody else deleted the pending review" })
  })
}
