/**
 * Finds secrets in text: in a diff before a model sees it, and in whatever is about to be published.
 *
 * A match says where and of what kind; it never holds the secret itself.
 */
import { Effect, Option, Order } from "effect"
import type { Finding } from "./Finding.ts"
import { isPasswordWorthReporting, looksReal, patterns, type SecretPattern } from "./Secrets/Patterns.ts"
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
  if (pattern.kind !== "password-in-url") return looksReal(found)
  const after = text.slice(at + found.length, at + found.length + 260)
  return isPasswordWorthReporting(found, after, text.slice(Math.max(0, at - 120), at))
}

const endOf = (pattern: SecretPattern, text: string, end: number): number => pattern.endOf?.(text, end) ?? end

const byPatterns = (text: string): ReadonlyArray<SecretMatch> =>
  patterns.flatMap((pattern) =>
    [...text.matchAll(pattern.regex)]
      .filter((match) => isReal(pattern, text, match[0], match.index))
      .map((match) => ({
        kind: pattern.kind,
        name: pattern.name,
        start: match.index,
        end: endOf(pattern, text, match.index + match[0].length),
        hint: pattern.hasPublicPrefix ? Option.some(match[0].slice(0, hintLength)) : Option.none()
      }))
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

/** All secrets in a text, in the order in which they stand. */
export const findSecrets = Effect.fn("Secrets.find")(function* (text: string, path: string) {
  return merge([...byPatterns(text), ...(yield* bySecretlint(text, path))])
})

/** The text with every secret replaced by its kind. */
export const redactSecrets = Effect.fn("Secrets.redact")(function* (text: string) {
  const matches = yield* findSecrets(text, "text.txt")
  let redacted = ""
  let at = 0
  for (const match of matches) {
    redacted += `${text.slice(at, Math.max(at, match.start))}[redacted: ${match.kind}]`
    at = Math.max(at, match.end)
  }
  return redacted + text.slice(at)
})

/**
 * A finding that may be published: secrets in its words are redacted, and a suggestion that would repeat one is left out.
 */
export const withoutSecrets = Effect.fn("Secrets.withoutSecrets")(function* (finding: Finding) {
  const title = yield* redactSecrets(finding.title)
  const message = yield* redactSecrets(finding.message)
  const suggestion = yield* Option.match(finding.suggestion, {
    onNone: () => Effect.succeed([]),
    onSome: (text) => findSecrets(text, finding.path)
  })
  return {
    ...finding,
    title,
    message,
    suggestion: suggestion.length > 0 ? Option.none<string>() : finding.suggestion
  }
})
