import { Console, DateTime, Effect } from "effect"
import { type JobFilter, JobStore } from "../../queue/JobStore.ts"
import { CommandFailed } from "../Failure.ts"
import * as Print from "./Print.ts"
import { between, nameOf, standing } from "./Standing.ts"

interface ListOptions extends Omit<JobFilter, "pullRequest"> {
  readonly pr: number | undefined
  readonly json: boolean
}

/** More running jobs than any queue of one database has; they are only asked who is in whose way. */
const running = { status: "processing", limit: 1_000 } as const

const heading = ["JOB", "STATUS", "PULL REQUEST", "COMMIT", "ATTEMPTS", "AGE", "STANDING"]

export const run = ({ json, pr, repository, ...filter }: ListOptions) =>
  Effect.gen(function* () {
    if (pr !== undefined && repository === undefined) {
      return yield* new CommandFailed({
        message: "--pr needs --repo, since each repository counts its pull requests from 1."
      })
    }
    const store = yield* JobStore
    const jobs = yield* store.list(
      pr === undefined || repository === undefined
        ? { ...filter, repository }
        : { ...filter, pullRequest: { ...repository, pullRequest: pr } }
    )
    if (json) return yield* Print.json({ jobs })
    if (jobs.length === 0) return yield* Console.log("There are no such jobs.")
    const atWork = yield* store.list(running)
    const now = yield* DateTime.now
    const rows = jobs.map((job) => [
      String(job.id),
      job.status,
      nameOf(job),
      job.subject.commitSha.slice(0, 7),
      `${job.attempts}/${job.maxAttempts}`,
      between(job.createdAt, now),
      standing(job, atWork, now)
    ])
    yield* Console.log(Print.table([heading, ...rows]))
    const last = jobs.at(-1)
    if (jobs.length === filter.limit && last !== undefined)
      yield* Console.log(`\nThere may be older ones: --before ${last.id}`)
  })
