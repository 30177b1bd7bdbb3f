/**
 * The audit of a whole database. Two passes over one snapshot, each in pages by primary key, so that neither this process
 * nor a statement ever holds more than a page: the jobs with their ledgers, and then the claims and their ends in the
 * order in which they were written.
 */
import * as SqlClient from "@effect/sql/SqlClient"
import { Array as Arr, Chunk, Duration, Effect, Either, Option, Schema, Stream } from "effect"
import { snapshot } from "../../../database/Snapshot.ts"
import * as Audit from "../../Audit.ts"
import type { JobId } from "../../Job.ts"
import { StoreUnavailable } from "../../JobError.ts"
import { decodeJob, decodeTransition, IdRow, LineKey, MovementRow, mistakesIn } from "./Rows.ts"
import { operation, type Sql } from "./Sql.ts"

const name = "JobStore.audit"

/** As long as a statement may take, and so wait for a row after the time that it writes. */
const clockTolerance = Duration.seconds(30)

const jobsInPage = 1_000
const linesInPage = 10_000

/** One job, whatever its rows hold. */
const auditRows = (jobId: JobId, row: unknown, lines: ReadonlyArray<unknown>) =>
  Effect.gen(function* () {
    const job = yield* Effect.either(decodeJob(row))
    const ledger = yield* Effect.forEach(lines, (line) => Effect.either(decodeTransition(line)))
    const unreadable = [
      ...(Either.isLeft(job) ? [`the row can't be read: ${mistakesIn(job.left)}`] : []),
      ...Arr.getLefts(ledger).map((mistake) => `a line of the ledger can't be read: ${mistakesIn(mistake)}`)
    ]
    if (Either.isLeft(job) || unreadable.length > 0) {
      return unreadable.map((problem): Audit.Violation => ({ _tag: "Unreadable", jobId, message: problem }))
    }
    return Audit.auditJob(job.right, Arr.getRights(ledger), { clockTolerance })
  })

const decodeIds = Schema.decodeUnknown(Schema.Array(IdRow))
const decodeKeys = Schema.decodeUnknown(Schema.Array(LineKey))

const withoutRow = (jobId: JobId): Audit.Violation => ({
  _tag: "NoRow",
  jobId,
  message: "the ledger has lines of this job, and the job is not there"
})

/** A page of jobs after the given one, each against its ledger. Index job_transitions_job serves the lines. */
const jobsPage = ({ jobs, ledger, sql }: Sql) =>
  Effect.fnUntraced(function* (after: number) {
    const rows = yield* sql`select * from ${jobs} where id > ${after} order by id limit ${jobsInPage}`
    const ids = (yield* Effect.orDie(decodeIds(rows))).map(({ id }) => id)
    const last = ids.length < jobsInPage ? Option.none<number>() : Arr.last(ids)
    const upTo = Option.match(last, { onNone: () => sql`true`, onSome: (id) => sql`job_id <= ${id}` })
    const lines = yield* sql`select * from ${ledger} where job_id > ${after} and ${upTo} order by job_id, id`
    const keys = yield* Effect.orDie(decodeKeys(lines))
    const ledgers = new Map<JobId, Array<unknown>>(ids.map((id) => [id, []]))
    const strays = new Set<JobId>()
    keys.forEach(({ job_id }, index) => {
      const own = ledgers.get(job_id)
      if (own === undefined) strays.add(job_id)
      else own.push(lines[index])
    })
    const found = yield* Effect.forEach(ids, (id, index) => auditRows(id, rows[index], ledgers.get(id) ?? []))
    return [Chunk.fromIterable([...[...strays].map(withoutRow), ...found.flat()]), last] as const
  })

/** A page of claims and their ends. */
const movementsPage = ({ jobs, ledger, sql }: Sql) =>
  Effect.fnUntraced(function* (after: number) {
    const rows = yield* sql`
      select line.id, line.job_id, line.to_status = 'processing' as begins, job.installation_id,
        job.repo_full_name || '#' || job.pr_number as pull_request
      from ${ledger} line
      join ${jobs} job on job.id = line.job_id
      where line.id > ${after} and (line.from_status = 'processing' or line.to_status = 'processing')
      order by line.id
      limit ${linesInPage}`
    const lines = yield* Effect.orDie(Schema.decodeUnknown(Schema.Array(MovementRow))(rows))
    const movements = lines.map(
      (line): Audit.Movement => ({
        jobId: line.job_id,
        begins: line.begins,
        installationId: line.installation_id,
        pullRequest: line.pull_request
      })
    )
    const last = Option.map(Arr.last(lines), ({ id }) => id)
    return [Chunk.fromIterable(movements), lines.length < linesInPage ? Option.none<number>() : last] as const
  })

export const audit = (
  context: Sql,
  options: { readonly perInstallation?: number | undefined } = {}
): Stream.Stream<Audit.Violation, StoreUnavailable> => {
  const jobs = jobsPage(context)
  const movements = movementsPage(context)
  const each = Stream.paginateChunkEffect(0, (after: number) => operation(name)(jobs(after)))
  const together = Stream.paginateChunkEffect(0, (after: number) => operation(name)(movements(after))).pipe(
    Stream.mapAccum(Audit.nothingRuns, Audit.auditOverlaps(options)),
    Stream.mapConcat((found) => found)
  )
  return Stream.concat(each, together).pipe(
    snapshot(name),
    Stream.catchTag("DatabaseError", (cause) =>
      Stream.fail(new StoreUnavailable({ operation: name, message: cause.message, cause }))
    ),
    Stream.provideService(SqlClient.SqlClient, context.sql)
  )
}
