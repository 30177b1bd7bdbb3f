/**
 * The last look at a report before it is shown, kept and published: findings were redacted one by one; names of files,
 * reasons and notes were not. It is looked at before it is rendered, since then a secret may be cut or escaped and not
 * be known as one any more.
 */
import { Array as Arr, Effect, Either, Schema } from "effect"
import { Coverage } from "./Coverage.ts"
import type { PlacedComment, Placement, Shown } from "./Place.ts"
import type { ReviewReport } from "./ReviewReport.ts"
import { redactSecrets } from "./Secrets.ts"

/** The same value with secrets redacted in all of its texts. */
export const redactStrings = (value: unknown): Effect.Effect<unknown> => {
  if (typeof value === "string") return redactSecrets(value)
  if (Array.isArray(value)) return Effect.forEach(value, redactStrings)
  if (typeof value !== "object" || value === null) return Effect.succeed(value)
  return Effect.map(
    Effect.forEach(Object.entries(value), ([key, field]) =>
      Effect.map(redactStrings(field), (redacted) => [key, redacted] as const)
    ),
    Object.fromEntries
  )
}

const redactShown = ({ finding, fingerprint }: Shown) =>
  Effect.map(redactSecrets(finding.path), (path): Shown => ({ finding: { ...finding, path }, fingerprint }))

/** A comment names its file, so one on a file whose name holds a secret goes into the body, which need not. */
const redactComment = (comment: PlacedComment) =>
  Effect.map(redactShown(comment), (shown) =>
    shown.finding.path === comment.finding.path ? Either.right(comment) : Either.left(shown)
  )

const redactPlacement = (placement: Placement) =>
  Effect.gen(function* () {
    const [moved, comments] = Arr.separate(yield* Effect.forEach(placement.comments, redactComment))
    const body = yield* Effect.forEach(placement.body, redactShown)
    return { ...placement, comments, body: [...body, ...moved] }
  })

export const redactReport = Effect.fn("Review.redactReport")(function* (report: ReviewReport) {
  const redacted: ReviewReport = {
    ...report,
    placement: yield* redactPlacement(report.placement),
    coverage: yield* Effect.orDie(Schema.decodeUnknown(Coverage)(yield* redactStrings(report.coverage))),
    notes: yield* Effect.forEach(report.notes, (note) => redactSecrets(note))
  }
  return redacted
})
