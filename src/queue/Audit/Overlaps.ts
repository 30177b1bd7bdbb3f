/**
 * Leases of several jobs that must not overlap. One sweep over all ledgers together, which keeps no more than the jobs
 * that are processing at the moment it has come to.
 *
 * The order is that in which the lines were written, not that of their times: a claim writes its line only after the
 * end that made room for it was committed, while a statement's time is that of its beginning, before it saw anything.
 */
import type { JobId } from "../Job.ts"
import type { Violation } from "./Violation.ts"

/** What the sweep needs of a line. */
export interface Movement {
  readonly jobId: JobId
  /** Whether it is a claim; else it is whatever came next. */
  readonly begins: boolean
  readonly installationId: number
  /** Names the pull request within the store, as in `acme/shop#3`. */
  readonly pullRequest: string
}

/** The jobs that are processing; where a sweep begins there are none. */
export type Running = ReadonlyArray<Movement>
export const nothingRuns: Running = []

export interface Options {
  /** The cap of each installation. Absent: not checked, since a cap may have been another one in the past. */
  readonly perInstallation?: number | undefined
}

/** Takes one line further. */
export const auditOverlaps =
  (options: Options) =>
  (running: Running, line: Movement): readonly [Running, ReadonlyArray<Violation>] => {
    const others = running.filter((other) => other.jobId !== line.jobId)
    if (!line.begins) return [others.length === running.length ? running : others, []]
    const { installationId, jobId } = line
    const twice = others
      .filter((other) => other.pullRequest === line.pullRequest)
      .map(
        (other): Violation => ({
          _tag: "PullRequestTwice",
          jobId,
          other: other.jobId,
          message: `the job was claimed while job ${other.jobId} of the same pull request, ${line.pullRequest}, was processing`
        })
      )
    const ofInstallation = 1 + others.filter((other) => other.installationId === installationId).length
    const cap = options.perInstallation ?? Number.POSITIVE_INFINITY
    const over: ReadonlyArray<Violation> =
      ofInstallation <= cap
        ? []
        : [
            {
              _tag: "OverCap",
              jobId,
              installationId,
              running: ofInstallation,
              message: `the job was claimed as number ${ofInstallation} of installation ${installationId} at once, and the cap is ${cap}`
            }
          ]
    return [
      [...others, line],
      [...twice, ...over]
    ]
  }
