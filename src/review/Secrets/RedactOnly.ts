/**
 * What is redacted and not reported: it may well be a secret, and often enough is none, or protects nothing. To keep it
 * from a model costs little; to say "revoke it" without need costs trust.
 */
import { looksReal, type SecretPattern, token } from "./Patterns.ts"

/** A word, perhaps with a number at its end, as in `user`, `v2` or `sha256`. */
const isWord = (part: string): boolean => /^(?:[A-Za-z]+\d{0,4}|\d{1,4})$/.test(part) && !isMixed(part)

/** Upper and lower case in turn more often than in a name of words written together. */
const isMixed = (part: string): boolean =>
  (part.match(/[a-z][A-Z]|[A-Z]{2}[a-z]/g) ?? []).length > part.length / 5

/** Whether nobody would have thought of it: neither words nor a name of words. */
export const looksRandom = (value: string): boolean =>
  looksReal(value) &&
  new Set(value).size >= 10 &&
  /\d/.test(value) &&
  /[A-Za-z]/.test(value) &&
  !value.split(/[^A-Za-z0-9]+/).every((part) => part === "" || isWord(part))

/** Names of what is kept secret, at the end of a longer name too, as in `DB_PASSWORD` and `clientSecret`. */
const secretName =
  "(?:passw(?:or)?d|passphrase|pwd|secret|token|credential|auth|(?:api|access|account|private|secret|signing|encryption)[_-]?key)s?"

export const redactOnly: ReadonlyArray<SecretPattern> = [
  token("stripe-test-key", "a Stripe test key", "(?:sk|rk)_test_[A-Za-z0-9]{20,250}"),
  token(
    "json-web-token",
    "a JSON Web Token",
    "eyJ[A-Za-z0-9_-]{10,2000}\\.eyJ[A-Za-z0-9_-]{10,4000}\\.[A-Za-z0-9_-]{16,1000}"
  ),
  {
    kind: "authorization",
    name: "credentials of a request",
    // https://www.rfc-editor.org/rfc/rfc9110#name-authorization
    mark: /authorization/i,
    regex:
      /(?<=\bauthorization["']?\s{0,5}[:=,]\s{0,5}["'`]?(?:basic|bearer|token|apikey|bot)\s{1,3})[A-Za-z0-9_\-.~+/]{16,2000}={0,2}/gi,
    hasPublicPrefix: false
  },
  {
    kind: "azure-signature",
    name: "a signature of an Azure address",
    mark: /[?&]sig=/,
    regex: /(?<=[?&]sig=)[A-Za-z0-9%+/]{40,80}={0,2}/g,
    hasPublicPrefix: false
  },
  {
    kind: "assigned-secret",
    name: "a value that is called a secret",
    // From the sign of equality on, and only then back to the name: there are fewer of these than of what a name begins with.
    regex: new RegExp(
      `[:=]>?\\s{0,10}["'\\x60]?(?<=${secretName}["'\\x60]?\\s{0,10}(?::=|=>|=|:)\\s{0,10}["'\\x60]?)([A-Za-z0-9_\\-.~+/!#%^*]{12,500}={0,2})(?![A-Za-z0-9(\\[])`,
      "gi"
    ),
    hasPublicPrefix: false
  }
]
