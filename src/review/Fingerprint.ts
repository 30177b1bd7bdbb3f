/**
 * Names a finding so that it is known again after lines have moved, and after a rebase.
 *
 * It is made of the rule, the path, the text of the lines it is about without regard to white space, and which of several
 * equal ones it is, counted from the top. It holds no line numbers. A finding without a line is known by its title
 * instead of a text.
 */
import { createHash } from "node:crypto"
import { Option, Order } from "effect"
import { type Commentable, lineAt } from "./Commentable.ts"
import type { Finding } from "./Finding.ts"
import { collapse } from "./WhiteSpace.ts"

const textOf = (finding: Finding, lines: Commentable): string => {
  if (Option.isNone(finding.line)) return collapse(finding.title)
  const last = finding.line.value
  const texts: Array<string> = []
  for (let line = Option.getOrElse(finding.startLine, () => last); line <= last; line++) {
    const at = lineAt(lines, finding.path, line)
    if (Option.isSome(at)) texts.push(collapse(at.value.line.text))
  }
  return texts.length > 0 ? texts.join("\n") : collapse(finding.title)
}

const byLine = Order.mapInput(Order.number, (at: { readonly line: number }) => at.line)

/**
 * Gives each finding its fingerprint, 32 hex digits, in the order of the findings. All findings of a review are needed at
 * once, because equal ones are told apart by their order in the file. The text goes in as a hash only.
 */
export const fingerprints = (findings: ReadonlyArray<Finding>, lines: Commentable): ReadonlyArray<string> => {
  const groups = new Map<string, Array<{ readonly index: number; readonly line: number }>>()
  findings.forEach((finding, index) => {
    const key = JSON.stringify([finding.rule, finding.path, textOf(finding, lines)])
    const group = groups.get(key) ?? []
    group.push({ index, line: Option.getOrElse(finding.line, () => 0) })
    groups.set(key, group)
  })
  const result = new Array<string>(findings.length).fill("")
  for (const [key, group] of groups) {
    group.sort(byLine).forEach(({ index }, occurrence) => {
      result[index] = createHash("sha256").update(`v1\n${key}\n${occurrence}`).digest("hex").slice(0, 32)
    })
  }
  return result
}
