/** The keys that installations' own API keys are encrypted with. */
import { createHash } from "node:crypto"
import { Array, Either, Redacted } from "effect"
import type { Parse, Wrong } from "./Setting.ts"

interface EncryptionKey {
  /** Stored beside what the key encrypted: the first 8 hex digits of its SHA-256. */
  readonly id: string
  /** 32 bytes. */
  readonly key: Redacted.Redacted<Uint8Array>
}

/** The first one encrypts; all of them decrypt, so that keys can be rotated. */
export type EncryptionKeys = Array.NonEmptyReadonlyArray<EncryptionKey>

const generate = "Generate one with: openssl rand -base64 32."

/** One or several keys, separated by commas. */
export const parseEncryptionKeys: Parse<EncryptionKeys> = (text) =>
  Either.flatMap(Either.all(text.split(",").map((part) => parseKey(part.trim()))), (keys) => {
    const ids = keys.map(({ id }) => id)
    if (new Set(ids).size < ids.length) {
      return Either.left<Wrong>({
        problem: "It holds the same key twice.",
        remedy: "Put the new key first, a comma, and then the old one."
      })
    }
    return Array.isNonEmptyReadonlyArray(keys)
      ? Either.right(keys)
      : Either.left<Wrong>({ problem: "It holds no key.", remedy: generate })
  })

const parseKey: Parse<EncryptionKey> = (text) => {
  // 64 hex digits are valid base64, too, but never 32 bytes of it.
  const bytes = /^[0-9a-f]{64}$/i.test(text) ? Buffer.from(text, "hex") : Buffer.from(text, "base64")
  const isBase64 = /^[A-Za-z0-9+/_-]+={0,2}$/.test(text)
  if (!isBase64 || bytes.length !== 32) {
    return Either.left({
      problem: "It must be 32 bytes, as base64 or as 64 hex digits; several are separated by commas.",
      remedy: generate
    })
  }
  const id = createHash("sha256").update(bytes).digest("hex").slice(0, 8)
  return Either.right({ id, key: Redacted.make(new Uint8Array(bytes)) })
}
