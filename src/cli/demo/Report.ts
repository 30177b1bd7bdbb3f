/** What the demo prints in the end: for people, or as one JSON object. */
import type { Drained, Killed, Outcome } from "./Play.ts"

/** Measured, none assumed. Times are milliseconds. */
export interface Report {
  readonly ok: boolean
  /** Rows in `review_jobs`. */
  readonly jobs: number
  /** Reviews that people see on GitHub. */
  readonly reviews: number
  /** Visible reviews beyond one for each pull request. */
  readonly duplicates: number
  /** Pull requests without a visible review. */
  readonly lost: number
  readonly killedMidReview: boolean
  /** From the kill to the end of the resumed job, the new process's start included. */
  readonly recoveryMs: number
  readonly drain: { readonly exitCode: number | null; readonly completed: boolean; readonly ms: number }
}

export const summarise = (jobs: number, killed: Killed, drained: Drained): Report => {
  const acts: ReadonlyArray<Outcome> = [killed, drained]
  const reviews = acts.reduce((sum, act) => sum + act.visible, 0)
  const duplicates = acts.reduce((sum, act) => sum + Math.max(0, act.visible - 1), 0)
  const lost = acts.filter((act) => act.visible === 0).length
  const honest = acts.every((act) => act.check === "success" || act.check === "neutral")
  const strays = acts.reduce((sum, act) => sum + act.pending, 0)
  const drain = { exitCode: drained.exitCode, completed: drained.completed, ms: drained.ms }
  return {
    ok:
      jobs === acts.length &&
      duplicates === 0 &&
      lost === 0 &&
      strays === 0 &&
      honest &&
      killed.midReview &&
      drain.completed &&
      drain.exitCode === 0,
    jobs,
    reviews,
    duplicates,
    lost,
    killedMidReview: killed.midReview,
    recoveryMs: killed.recoveryMs,
    drain
  }
}

const indent = (text: string) =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => `  │ ${line}`.trimEnd())
    .join("\n")

/** The review as it stands on the pull request. */
export const renderReview = ({ body, comments }: Outcome): string =>
  [
    indent(body),
    ...comments.map((comment) => `  │\n  ├─ ${comment.path}:${comment.line ?? ""}\n${indent(comment.body)}`)
  ].join("\n")
