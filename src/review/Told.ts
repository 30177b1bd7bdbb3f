/** What a pull request is told, in its check run, of a job that waits or ended without a review. */
import { DateTime, Option } from "effect"
import { reviewFullAction } from "../github/Command.ts"
import type { CheckAction, CheckRunState } from "../github/Github.ts"
import { describe, type Reason } from "../queue/Transition.ts"

/** The button on a check run of a review that is over. */
export const reviewAgain: CheckAction = {
  label: "Review again",
  identifier: reviewFullAction,
  description: "Review the whole pull request anew"
}

export const cancelled = (reason: string): CheckRunState => ({
  status: "completed",
  conclusion: "cancelled",
  title: "Cancelled",
  summary: `This review was cancelled: ${reason}.`
})

export const notReviewed = (reason: string): CheckRunState => ({
  status: "completed",
  conclusion: "failure",
  title: "Not reviewed",
  summary: `This commit was not reviewed: ${reason}\n\nComment \`/holdfast review\`, or push again, to have it tried again.`,
  actions: [reviewAgain]
})

export const waiting = (reason: string, until: Option.Option<DateTime.Utc>): CheckRunState => ({
  status: "queued",
  title: "Waiting",
  summary: Option.match(until, {
    onNone: () => `This review will be tried again shortly: ${reason}`,
    onSome: (time) =>
      `This review waits until ${DateTime.formatIso(time)}: ${reason}\n\nIt begins then, or as soon as it is its turn.`
  })
})

/** The reason in words for everybody: what a defect says of itself is for the log. */
export const say = (reason: Reason): string =>
  reason._tag === "Defect" ? "Holdfast met an unexpected error; its log tells more" : describe(reason)
