/**
 * Names a finding so that it is known again after lines have moved, and after a rebase.
 *
 * It is made of the rule, the path, the text of the lines it is about without regard to white space, and which of several
 * equal stretches of the file's diff it is about, counted from the top. It holds no line numbers, and it does not depend on
 * what else was found. A finding without a line is known by its title instead of a text.
 */
import { createHash } from "node:crypto"
import { Option } from "effect"
import type { Commentable } from "./Commentable.ts"
import type { Finding } from "./Finding.ts"
import { occurrences } from "./Quote/Occurrences.ts"
import { collapse } from "./WhiteSpace.ts"

/** A file's lines in the diff, in order. */
interface FileText {
  readonly numbers: ReadonlyArray<number>
  readonly texts: ReadonlyArray<string>
}

const textOf = (lines: Commentable, path: string): FileText => {
  const sorted = [...(lines.get(path) ?? [])].sort(([one], [other]) => one - other)
  return {
    numbers: sorted.map(([number]) => number),
    texts: sorted.map(([, { line }]) => collapse(line.text))
  }
}

/** What the finding is about, and which of several equal ones that is. */
const aboutOf = (finding: Finding, { numbers, texts }: FileText): readonly [about: string, nth: number] => {
  const title = [collapse(finding.title), 0] as const
  if (Option.isNone(finding.line)) return title
  const last = finding.line.value
  const first = Option.getOrElse(finding.startLine, () => last)
  const from = numbers.findIndex((number) => number >= first)
  const to = numbers.findLastIndex((number) => number <= last)
  if (from < 0 || to < from) return title
  const stretch = texts.slice(from, to + 1)
  return [stretch.join("\n"), occurrences(texts, stretch).indexOf(from)]
}

/**
 * Gives each finding its fingerprint, 32 hex digits, in the order of the findings. The text goes in as a hash only.
 *
 * @param lines those of the whole diff of the pull request, also where only a part of it is reviewed
 */
export const fingerprints = (findings: ReadonlyArray<Finding>, lines: Commentable): ReadonlyArray<string> => {
  const files = new Map<string, FileText>()
  return findings.map((finding) => {
    const file = files.get(finding.path) ?? textOf(lines, finding.path)
    files.set(finding.path, file)
    const [about, nth] = aboutOf(finding, file)
    const key = JSON.stringify([finding.rule, finding.path, about])
    return createHash("sha256").update(`v1\n${key}\n${nth}`).digest("hex").slice(0, 32)
  })
}
