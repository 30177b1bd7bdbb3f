/** Decides which findings are shown, and where: as a comment on lines of the diff, or in the body of the review. */
import { Array as Arr, Option, Order } from "effect"
import type { ReviewComment } from "../github/Github.ts"
import { type Commentable, isCommentable, lineAt } from "./Commentable.ts"
import { type Finding, type Severity, severityRank } from "./Finding.ts"
import { fingerprints } from "./Fingerprint.ts"
import { renderComment } from "./RenderFinding.ts"

export interface PlaceLimits {
  /** Findings below it are left out. */
  readonly minSeverity: Severity
  /** How many findings are shown at most, the most severe first. */
  readonly maxComments: number
  /** Whether suggestions are shown. */
  readonly suggestions: boolean
}

/** A finding that is shown, with the name by which it is remembered. */
export interface Shown {
  readonly finding: Finding
  readonly fingerprint: string
}

export interface PlacedComment extends Shown {
  /** Its lines are commentable; the body is rendered. */
  readonly comment: ReviewComment
}

/** Whether a finding is to be shown, or was said before. */
export type Recognition =
  | { readonly _tag: "New" }
  /** It stands in an earlier review, under this fingerprint. */
  | { readonly _tag: "Posted"; readonly fingerprint: string }
  /** A person said that it is none. */
  | { readonly _tag: "Dismissed" }
  /** A second look found it weak, or that another one says the same. */
  | { readonly _tag: "Weak" | "Duplicate" }

/** What is not shown. Every finding that comes in is in exactly one of the lists or counts. */
export interface Cut {
  readonly duplicates: number
  readonly belowSeverity: number
  readonly dismissed: number
  readonly weak: number
  readonly overLimit: { readonly [S in Severity]: number }
}

export interface Placement {
  /** By path and line. */
  readonly comments: ReadonlyArray<PlacedComment>
  /** What has no line that a comment can stand on; most severe first. */
  readonly body: ReadonlyArray<Shown>
  /** Of what was found again and stands in an earlier review, the fingerprint under which it does. */
  readonly repeated: ReadonlyArray<string>
  readonly cut: Cut
}

const lineOf = (finding: Finding): number => Option.getOrElse(finding.line, () => 0)

const bySeverity: Order.Order<Shown> = Order.combineAll<Shown>([
  Order.mapInput(Order.number, ({ finding }) => -severityRank(finding.severity)),
  Order.mapInput(Order.string, ({ finding }) => finding.path),
  Order.mapInput(Order.number, ({ finding }) => lineOf(finding)),
  Order.mapInput(Order.string, ({ finding }) => finding.rule)
])

const byPlace: Order.Order<Shown> = Order.combineAll<Shown>([
  Order.mapInput(Order.string, ({ finding }) => finding.path),
  Order.mapInput(Order.number, ({ finding }) => lineOf(finding)),
  bySeverity
])

/** One comment for each rule on a line, of several the first; what has no line is told apart by its title. */
const withoutDuplicates = (all: ReadonlyArray<Shown>): ReadonlyArray<Shown> => {
  const seen = new Set<string>()
  return all.filter(({ finding }) => {
    const place = Option.getOrElse(finding.line, () => finding.title)
    const key = JSON.stringify([finding.path, place, finding.rule])
    return !seen.has(key) && seen.add(key)
  })
}

/**
 * Fits a finding's lines to what GitHub takes. A span that leaves its hunk is reduced to its last line, and then its
 * suggestion, which is for the whole span, is left out.
 */
const fitToHunk = (finding: Finding, lines: Commentable): Option.Option<Finding> =>
  Option.flatMap(finding.line, (line) => {
    if (Option.isNone(lineAt(lines, finding.path, line))) return Option.none()
    if (Option.isNone(finding.startLine) || finding.startLine.value === line) {
      return Option.some({ ...finding, startLine: Option.none() })
    }
    return isCommentable(lines, finding.path, finding.startLine.value, line)
      ? Option.some(finding)
      : Option.some({ ...finding, startLine: Option.none(), suggestion: Option.none() })
  })

const comment = ({ finding, fingerprint }: Shown, line: number, suggestions: boolean): ReviewComment => ({
  path: finding.path,
  body: renderComment(finding, fingerprint, suggestions),
  line,
  ...(Option.isSome(finding.startLine) ? { startLine: finding.startLine.value } : {})
})

const countBySeverity = (cut: ReadonlyArray<Shown>): { readonly [S in Severity]: number } => {
  const count = (severity: Severity): number =>
    cut.filter(({ finding }) => finding.severity === severity).length
  return { critical: count("critical"), high: count("high"), medium: count("medium"), low: count("low") }
}

/**
 * @param lines the commentable lines of the diff of the commit that the review names
 * @param recognise by default all are new
 */
export const placeFindings = (
  findings: ReadonlyArray<Finding>,
  lines: Commentable,
  limits: PlaceLimits,
  recognise: (shown: Shown) => Recognition = () => ({ _tag: "New" })
): Placement => {
  const names = fingerprints(findings, lines)
  const all = Arr.sort(
    Arr.zipWith(findings, names, (finding, fingerprint) => ({ finding, fingerprint })),
    bySeverity
  )
  const distinct = withoutDuplicates(all)
  const severe = distinct.filter(
    ({ finding }) => severityRank(finding.severity) >= severityRank(limits.minSeverity)
  )
  const fresh: Array<Shown> = []
  const repeated: Array<string> = []
  const count = { Dismissed: 0, Weak: 0, Duplicate: 0 }
  for (const entry of severe) {
    const recognition = recognise(entry)
    if (recognition._tag === "New") fresh.push(entry)
    else if (recognition._tag === "Posted") repeated.push(recognition.fingerprint)
    else count[recognition._tag]++
  }
  const [shown, over] = Arr.splitAt(fresh, limits.maxComments)
  const comments: Array<PlacedComment> = []
  const body: Array<Shown> = []
  for (const entry of shown) {
    const fitted = fitToHunk(entry.finding, lines)
    if (Option.isSome(fitted) && Option.isSome(fitted.value.line)) {
      const placed: Shown = { finding: fitted.value, fingerprint: entry.fingerprint }
      comments.push({ ...placed, comment: comment(placed, fitted.value.line.value, limits.suggestions) })
    } else {
      body.push(entry)
    }
  }
  return {
    comments: Arr.sort(comments, byPlace),
    body,
    repeated,
    cut: {
      duplicates: all.length - distinct.length + count.Duplicate,
      belowSeverity: distinct.length - severe.length,
      dismissed: count.Dismissed,
      weak: count.Weak,
      overLimit: countBySeverity(over)
    }
  }
}

/** The same placement with nothing on lines: for when GitHub takes no comments on them. */
export const inBodyOnly = (placement: Placement): Placement => ({
  ...placement,
  comments: [],
  body: Arr.sort([...placement.comments, ...placement.body], bySeverity).map(({ finding, fingerprint }) => ({
    finding,
    fingerprint
  }))
})
