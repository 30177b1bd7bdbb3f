/** Tells what was said before from what is new. Pure. */
import { Option } from "effect"
import type { Commentable } from "./Commentable.ts"
import type { Earlier, Posted, Thread } from "./Earlier.ts"
import type { Finding } from "./Finding.ts"
import { fingerprints } from "./Fingerprint.ts"
import type { Recognition, Shown } from "./Place.ts"
import { isSimilarTitle } from "./SimilarTitle.ts"

const overlaps = (thread: Thread, { finding }: Shown): boolean => {
  if (thread.path !== finding.path || thread.line === null || Option.isNone(finding.line)) return false
  const last = finding.line.value
  const first = Option.getOrElse(finding.startLine, () => last)
  return (thread.startLine ?? thread.line) <= last && first <= thread.line
}

/** A model calls the same fault a bug today and error handling tomorrow; what a rule finds is always called the same. */
const isReworded = (posted: Posted, finding: Finding): boolean =>
  posted.path === finding.path &&
  posted.rule.startsWith("model/") &&
  finding.rule.startsWith("model/") &&
  isSimilarTitle(posted.title, finding.title)

/** Those that would have its fingerprint if they were of its kind: they are about the same text. */
const onSameText = (
  candidates: ReadonlyArray<Posted>,
  finding: Finding,
  lines: Commentable
): Posted | undefined => {
  const names = fingerprints(
    candidates.map(({ rule }) => ({ ...finding, rule })),
    lines
  )
  return candidates.find(({ fingerprint }, at) => fingerprint === names[at])
}

/**
 * Whether a finding was posted before, or dismissed. It is the same when its fingerprint is; and, since a model seldom
 * quotes exactly the same lines twice, when a thread about the same rule stands on some of its lines. Under another rule
 * of a model's it is the same when it stands on the same text, or on some of a thread's lines, with a similar title.
 *
 * @param lines those of the whole diff of the pull request, as for fingerprints
 */
export const recognise =
  ({ posted, threads }: Earlier, dismissed: ReadonlySet<string>, lines: Commentable) =>
  (shown: Shown): Recognition => {
    const { finding } = shown
    const byName = new Map(posted.map((one) => [one.fingerprint, one]))
    const standing = (isSame: (about: Posted) => boolean) =>
      threads.find((thread) => {
        const about = byName.get(thread.fingerprint)
        return about !== undefined && isSame(about) && overlaps(thread, shown)
      })
    // An open thread may tell of a review that could not be recorded. A resolved one that is not in the records was
    // about code that was gone; if that comes back, so does the finding.
    const isKnown =
      byName.has(shown.fingerprint) ||
      threads.some((thread) => thread.fingerprint === shown.fingerprint && !thread.isResolved)
    const reworded = isKnown ? [] : posted.filter((one) => isReworded(one, finding))
    const known = isKnown
      ? shown.fingerprint
      : (
          standing(({ rule }) => rule === finding.rule) ??
          onSameText(reworded, finding, lines) ??
          standing((about) => reworded.includes(about))
        )?.fingerprint
    if (dismissed.has(shown.fingerprint) || (known !== undefined && dismissed.has(known)))
      return { _tag: "Dismissed" }
    return known === undefined ? { _tag: "New" } : { _tag: "Posted", fingerprint: known }
  }
