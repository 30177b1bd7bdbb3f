/** Decides what is shown of all that was found: by what earlier reviews said, by a second look, and by the limits. */
import { Effect, Option } from "effect"
import type { Ask } from "./AskModel.ts"
import { type Commentable, commentable } from "./Commentable.ts"
import type { Earlier } from "./Earlier.ts"
import type { Finding } from "./Finding.ts"
import type { Material } from "./Material.ts"
import { type Placement, placeFindings, type Recognition, type Shown } from "./Place.ts"
import type { Policy } from "./Policy.ts"
import type { Brief } from "./Prompt.ts"
import { recognise } from "./Recognise.ts"
import type { ReviewModel } from "./ReviewModel.ts"
import { candidatesOf, lookAgain, nothingDropped, type SecondLooked } from "./SecondLook.ts"

/** What a review took. */
export interface Usage {
  readonly inputTokens: number
  readonly outputTokens: number
  /** In US dollars; none where it isn't known. */
  readonly cost: Option.Option<number>
}

export interface Choosing<E, R> {
  readonly findings: ReadonlyArray<Finding>
  readonly lines: Commentable
  readonly material: Material
  readonly policy: Policy
  readonly brief: Brief
  readonly earlier: Earlier
  /** The fingerprints of what a person dismissed. */
  readonly dismissed: ReadonlySet<string>
  /** None: the rules found all there is. */
  readonly model: Option.Option<ReviewModel>
  readonly ask: Ask<E, R>
}

const shownIn = ({ body, comments }: Placement): ReadonlyArray<Shown> => [...comments, ...body]

/** What the change left of the tokens that a review may take. */
const budgetOf = ({ chunks }: Material, { maxTokens }: Policy): number =>
  chunks.reduce((left, { tokens }) => left - tokens, maxTokens)

/** The placement of the findings, and what the second look took. */
export const chooseFindings = Effect.fn("Review.chooseFindings")(function* <E, R>(choosing: Choosing<E, R>) {
  const { ask, brief, dismissed, earlier, findings, lines, material, model, policy } = choosing
  const known = recognise(earlier, dismissed, lines)
  const placeBy = (maxComments: number, recognition: (shown: Shown) => Recognition): Placement =>
    placeFindings(findings, lines, { ...policy, maxComments }, recognition)
  // Before the limit: what a second look drops makes room for others.
  const all = shownIn(placeBy(Number.POSITIVE_INFINITY, known))
  const open = earlier.posted.filter(({ fingerprint }) => !dismissed.has(fingerprint))
  const { dropped, spent } = yield* Option.match(model, {
    onNone: () => Effect.succeed(nothingDropped),
    onSome: (asked) =>
      lookAgain(ask, asked, {
        candidates: candidatesOf(all, open),
        // As the model saw them before: without the secrets that stand there.
        lines: commentable(material.chunks.flatMap(({ files }) => files)),
        brief,
        budget: budgetOf(material, policy)
      })
  })
  const placement = placeBy(policy.maxComments, (shown) => {
    const recognition = known(shown)
    if (recognition._tag !== "New") return recognition
    if (dropped.duplicates.has(shown.fingerprint)) return { _tag: "Duplicate" }
    return dropped.weak.has(shown.fingerprint) ? { _tag: "Weak" } : recognition
  })
  return { placement, spent }
})

/** What both took; the price of both is known when that of each is. */
export const addUsage = (
  usage: Usage,
  { cost, inputTokens, outputTokens }: SecondLooked["spent"]
): Usage => ({
  inputTokens: usage.inputTokens + inputTokens,
  outputTokens: usage.outputTokens + outputTokens,
  cost: Option.zipWith(usage.cost, Option.fromNullable(cost), (one, other) => one + other)
})
