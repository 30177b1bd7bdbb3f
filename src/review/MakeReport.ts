/** The review of a pull request, up to all that there is to tell of it. */
import { Effect, Option, Schema } from "effect"
import type { PullRequest } from "../github/Github.ts"
import type { Job } from "../queue/Job.ts"
import type { JobStore } from "../queue/JobStore.ts"
import { type Ask, type AskError, askModel } from "./AskModel.ts"
import { type Assignment, markerOf } from "./Assignment.ts"
import { addUsage, chooseFindings } from "./ChooseFindings.ts"
import { commentable } from "./Commentable.ts"
import { Dismissals } from "./Dismissals.ts"
import { aftermath, rulesAlone } from "./Earlier.ts"
import { inspect } from "./Inspect.ts"
import { gather } from "./Material.ts"
import type { Policy } from "./Policy.ts"
import type { Brief } from "./Prompt.ts"
import { recall } from "./Recall.ts"
import { redactReport } from "./RedactReport.ts"
import { ReviewModels } from "./ReviewModel.ts"
import type { ReviewReport } from "./ReviewReport.ts"
import { scopeOf, toldScope } from "./Scope.ts"

/** Progress is a courtesy: that it can't be shown stops nothing. */
const showProgress = ({ check, claimed }: Assignment, done: number, of: number) =>
  done === of
    ? Effect.void
    : check
        .report({
          status: "in_progress",
          title: `Reviewing: part ${done + 1} of ${of}`,
          summary: `Holdfast is reviewing ${claimed.job.subject.commitSha.slice(0, 12)}: ${done} of ${of} parts are done.`
        })
        .pipe(Effect.ignore)

/** What a job of kind `review` may ask for. */
const Payload = Schema.Struct({
  /** Everything, and not only what has changed since the last review. */
  full: Schema.optional(Schema.Boolean)
})

const wantsEverything = ({ payload, trigger }: Job, policy: Policy): boolean =>
  (trigger === "push" && policy.onPush === "full") ||
  Option.exists(Schema.decodeUnknownOption(Payload)(payload), ({ full }) => full === true)

/** Reviews, and tells what to publish, what it took, and which threads are about code that is gone. */
export const makeReport = Effect.fn("Review.makeReport")(function* (
  assignment: Assignment,
  pullRequest: PullRequest,
  policy: Policy
) {
  const { claimed, client } = assignment
  const { subject } = claimed.job
  const model = yield* Effect.flatMap(ReviewModels, (models) => models.select(policy.model))
  const earlier = yield* recall(claimed, client)
  const scope = yield* scopeOf(client, subject, earlier, {
    everything: wantsEverything(claimed.job, policy),
    byModel: Option.isSome(model)
  })
  const material = yield* gather(client, subject, pullRequest, policy, {
    model,
    scope
  })
  const brief: Brief = { ...policy.brief, title: pullRequest.title, context: material.context }
  const ask: Ask<AskError, JobStore> = (asked, question) => askModel(claimed, asked, question)
  const progress = (done: number, of: number) => showProgress(assignment, done, of)
  const { coverage, findings, ...usage } = yield* inspect({ material, model, brief, progress }, ask)
  const dismissed = yield* Effect.flatMap(Dismissals, (dismissals) => dismissals.of(subject))
  const lines = commentable(material.files)
  const { placement, spent } = yield* chooseFindings({
    findings,
    lines,
    material,
    policy,
    brief,
    earlier,
    dismissed,
    model,
    ask
  })
  const repeated = new Set(placement.repeated)
  const { toResolve, ...became } = aftermath(earlier, dismissed, repeated, coverage)
  const report: ReviewReport = {
    key: markerOf(claimed),
    placement,
    coverage,
    history:
      scope._tag === "First" || earlier.last === null
        ? Option.none()
        : Option.some({ ...became, commitSha: earlier.last.commitSha, scope: toldScope(scope) }),
    provider: Option.match(model, { onNone: () => rulesAlone, onSome: ({ provider }) => provider }),
    model: Option.match(model, { onNone: () => rulesAlone, onSome: ({ model }) => model }),
    notes: policy.notes
  }
  return { report: yield* redactReport(report), usage: addUsage(usage, spent), toResolve }
})
