/**
 * Finds secrets in text: in a diff before a model sees it, and in whatever is about to be published.
 *
 * A match says where and of what kind; it never holds the secret itself.
 */
import { Effect, Option, Order } from "effect"
import type { Finding } from "./Finding.ts"
import { withoutInvisible } from "./Neutralise.ts"
import { isPasswordWorthReporting, looksReal, patterns, type SecretPattern } from "./Secrets/Patterns.ts"
import { looksRandom, redactOnly } from "./Secrets/RedactOnly.ts"
import { runSecretlint } from "./Secrets/Secretlint.ts"

export interface SecretMatch {
  /** As in `aws-access-key-id`. */
  readonly kind: string
  /** As people call it, with its article. */
  readonly name: string
  /** Where it stands in the text, in UTF-16 units; `end` is behind the last. */
  readonly start: number
  readonly end: number
  /** At most four characters from its beginning, and only those that all of its kind have in common. */
  readonly hint: Option.Option<string>
}

const hintLength = 4

/** A range that a rule gives can end within a token; what is next to it belongs to it. */
const widen = (text: string, start: number, end: number): readonly [start: number, end: number] => {
  const part = /[A-Za-z0-9_\-+/=.~]/
  let from = start
  let to = end
  while (from > 0 && part.test(text.charAt(from - 1))) from--
  while (to < text.length && part.test(text.charAt(to))) to++
  return [from, to]
}

const isReal = (pattern: SecretPattern, text: string, found: string, at: number): boolean => {
  if (pattern.kind === "assigned-secret") return looksRandom(found)
  if (pattern.kind !== "password-in-url") return looksReal(found)
  const after = text.slice(at + found.length, at + found.length + 260)
  return isPasswordWorthReporting(found, after, text.slice(Math.max(0, at - 120), at))
}

const endOf = (pattern: SecretPattern, text: string, end: number): number => pattern.endOf?.(text, end) ?? end

/** From where to where a pattern's match goes; none where it is of nothing. */
const rangeOf = (pattern: SecretPattern, text: string, start: number, end: number) =>
  Option.map(
    pattern.startOf === undefined ? Option.some(start) : pattern.startOf(text, start),
    (from): readonly [start: number, end: number] => [from, endOf(pattern, text, end)]
  )

interface Found {
  readonly text: string
  readonly at: number
}

/**
 * All that a pattern finds. Not by `matchAll`, which searches with a new copy of the expression each time: one that is not
 * compiled yet.
 */
const findBy = ({ mark, regex }: SecretPattern, text: string): ReadonlyArray<Found> => {
  if (mark !== undefined && !mark.test(text)) return []
  const found: Array<Found> = []
  regex.lastIndex = 0
  for (let match = regex.exec(text); match !== null; match = regex.exec(text)) {
    const secret = match[1] ?? match[0]
    found.push({ text: secret, at: match.index + match[0].length - secret.length })
  }
  return found
}

const byPatterns = (text: string, patterns: ReadonlyArray<SecretPattern>): ReadonlyArray<SecretMatch> =>
  patterns.flatMap((pattern) =>
    findBy(pattern, text)
      .filter((found) => isReal(pattern, text, found.text, found.at))
      .flatMap((found) =>
        Option.toArray(rangeOf(pattern, text, found.at, found.at + found.text.length)).map(
          ([start, end]) => ({
            kind: pattern.kind,
            name: pattern.name,
            start,
            end,
            hint: pattern.hasPublicPrefix ? Option.some(found.text.slice(0, hintLength)) : Option.none()
          })
        )
      )
  )

/** Kinds of secretlint whose tokens don't begin in a way of their own. */
const withoutPrefix = new Set(["aws-secret-access-key", "private-key", "slack-webhook"])

const bySecretlint = (text: string, path: string): Effect.Effect<ReadonlyArray<SecretMatch>> =>
  Effect.map(runSecretlint(text, path), (matches) =>
    matches
      .filter(({ kind, start, end }) => withoutPrefix.has(kind) || looksReal(text.slice(start, end)))
      .map(({ kind, name, start, end }) => {
        const [from, to] = widen(text, start, end)
        return {
          kind,
          name,
          start: from,
          end: to,
          hint: withoutPrefix.has(kind) ? Option.none() : Option.some(text.slice(start, start + hintLength))
        }
      })
  )

const byStart = Order.mapInput(Order.number, ({ match }: Ranked) => match.start)

interface Ranked {
  readonly match: SecretMatch
  readonly rank: number
}

/** One match for each place: what several rules found there is one secret, under the name of the first of the rules. */
const merge = (matches: ReadonlyArray<SecretMatch>): ReadonlyArray<SecretMatch> => {
  const merged: Array<Ranked> = []
  for (const next of matches.map((match, rank) => ({ match, rank })).sort(byStart)) {
    const last = merged.at(-1)
    if (last === undefined || next.match.start >= last.match.end) merged.push(next)
    else {
      const named = next.rank < last.rank ? next : last
      const end = Math.max(last.match.end, next.match.end)
      merged[merged.length - 1] = {
        match: { ...named.match, start: last.match.start, end },
        rank: named.rank
      }
    }
  }
  return merged.map(({ match }) => match)
}

/** All secrets in a text that are worth a finding, in the order in which they stand. */
export const findSecrets = Effect.fn("Secrets.find")(function* (text: string, path: string) {
  return merge([...byPatterns(text, patterns), ...(yield* bySecretlint(text, path))])
})

/** These, and what may be one. */
const findAll = (text: string) =>
  Effect.map(bySecretlint(text, "text.txt"), (found) =>
    merge([...byPatterns(text, patterns), ...found, ...byPatterns(text, redactOnly)])
  )

const replacement = (kind: string): string => `[redacted: ${kind}]`

/** Whether something was redacted in the text. */
export const isRedacted = (text: string): boolean => text.includes("[redacted: ")

/** The text with every secret replaced by its kind. */
export const redactSecrets = Effect.fn("Secrets.redact")(function* (text: string) {
  const matches = yield* findAll(text)
  let redacted = ""
  let at = 0
  for (const match of matches) {
    redacted += `${text.slice(at, Math.max(at, match.start))}${replacement(match.kind)}`
    at = Math.max(at, match.end)
  }
  return redacted + text.slice(at)
})

/** The lines with every secret replaced by its kind: as many lines as before, also where a secret goes over several. */
export const redactLines = Effect.fn("Secrets.redactLines")(function* (lines: ReadonlyArray<string>) {
  const matches = yield* findAll(lines.join("\n"))
  if (matches.length === 0) return lines
  let start = 0
  return lines.map((line) => {
    const end = start + line.length
    let redacted = ""
    let at = start
    for (const match of matches) {
      if (match.end <= start || match.start >= end) continue
      redacted += `${line.slice(at - start, Math.max(at, match.start) - start)}${replacement(match.kind)}`
      at = Math.min(end, Math.max(at, match.end))
    }
    const shown = redacted + line.slice(at - start)
    start = end + 1
    return shown
  })
})

/**
 * A finding that may be published: secrets in its words are redacted, and a suggestion that would repeat one, or write
 * what stands for one into the file, is left out. What isn't seen is taken out first: it could keep a secret from being
 * known as one until it is shown.
 */
export const withoutSecrets = Effect.fn("Secrets.withoutSecrets")(function* (finding: Finding) {
  const title = yield* redactSecrets(withoutInvisible(finding.title))
  const message = yield* redactSecrets(withoutInvisible(finding.message))
  const suggestion = yield* Effect.transposeOption(
    Option.map(finding.suggestion, (text) => redactSecrets(withoutInvisible(text)))
  )
  return {
    ...finding,
    title,
    message,
    suggestion: Option.exists(suggestion, isRedacted) ? Option.none<string>() : finding.suggestion
  }
})
