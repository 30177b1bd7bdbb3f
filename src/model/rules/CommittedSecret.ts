/**
 * Keys, tokens and passwords on added lines.
 *
 * Neither the finding nor anything made from it holds the secret: a review can be read by more people than the line.
 */
import { Effect, Option } from "effect"
import type { ChangedFile, Hunk } from "../../review/Diff.ts"
import { isDocumentation, isTestPath } from "../../review/FileFilter/Names.ts"
import type { Finding, Severity } from "../../review/Finding.ts"
import { findSecrets, type SecretMatch } from "../../review/Secrets.ts"
import { findingAt, newSide, type Rule } from "./Rule.ts"

/** Keys that tests make for themselves are common, and a password in a test's URL seldom opens anything. */
const oftenMadeForTests = new Set(["private-key", "password-in-url"])

const severityOf = (kind: string, path: string): Severity => {
  const example = isTestPath(path) || isDocumentation(path)
  if (!example) return "critical"
  return oftenMadeForTests.has(kind) ? "medium" : "high"
}

const titleOf = (name: string): string => `${name.charAt(0).toUpperCase()}${name.slice(1)} is committed`

const messageOf = (match: SecretMatch): string => {
  const begins = Option.match(match.hint, {
    onNone: () => "",
    onSome: (hint) => ` (it begins with \`${hint}\`)`
  })
  return (
    `This line holds what looks like ${match.name}${begins}. Whoever can read the repository can use it, and it stays in ` +
    "the history of the branch even if a later commit removes it.\n\n" +
    "Revoke it where it was issued, issue a new one, and let the program read it from its environment or a secret store."
  )
}

/** The line on which a match begins, and the added lines among those it covers. */
const checkHunk = (hunk: Hunk, path: string): Effect.Effect<ReadonlyArray<Finding>> => {
  const lines = newSide(hunk)
  if (!lines.some((line) => line.kind === "added")) return Effect.succeed([])
  const starts: Array<number> = []
  let length = 0
  for (const line of lines) {
    starts.push(length)
    length += line.text.length + 1
  }
  // Context stays in, because a secret can go over several lines of which some were there before.
  const text = lines.map((line) => line.text).join("\n")
  return Effect.map(findSecrets(text, path), (matches) =>
    matches.flatMap((match) => {
      const first = lines.find(
        (line, index) =>
          line.kind === "added" &&
          (starts[index] ?? 0) + line.text.length > match.start &&
          (starts[index] ?? 0) < match.end
      )
      if (first === undefined || Option.isNone(first.newLine)) return []
      return [
        findingAt(path, first.newLine.value, {
          rule: `secret/${match.kind}`,
          severity: severityOf(match.kind, path),
          title: titleOf(match.name),
          message: messageOf(match)
        })
      ]
    })
  )
}

export const committedSecret: Rule = {
  name: "secret",
  check: (file: ChangedFile) =>
    Effect.map(
      Effect.forEach(file.hunks, (hunk) => checkHunk(hunk, file.path)),
      (found) => found.flat()
    )
}
