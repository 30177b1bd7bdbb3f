/**
 * How an installation's own API key is kept: AES-256-GCM, with the id of the encryption key beside it, so that several
 * encryption keys can be active while one takes over from another.
 *
 * The installation's id is authenticated with the ciphertext: a row copied to another installation does not decrypt.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto"
import { Data, Effect, Redacted } from "effect"

/** One encryption key of 32 bytes and the id it is stored under. */
export interface EncryptionKey {
  readonly id: string
  readonly key: Redacted.Redacted<Uint8Array>
}

/** An encrypted API key as it stands in `installation_settings`. */
export interface EncryptedApiKey {
  readonly ciphertext: Uint8Array
  readonly iv: Uint8Array
  readonly authTag: Uint8Array
  readonly keyId: string
}

/** The stored API key can't be read. The message says why and what to do. */
export class ApiKeyUnreadable extends Data.TaggedError("ApiKeyUnreadable")<{ readonly message: string }> {}

const algorithm = "aes-256-gcm"
/** The length that NIST SP 800-38D, section 8.2 recommends for GCM. */
const ivBytes = 12

const authenticated = (installationId: number) => Buffer.from(`holdfast:installation:${installationId}`)

/** Encrypts under the first key. */
export const encrypt = (
  keys: ReadonlyArray<EncryptionKey>,
  installationId: number,
  apiKey: Redacted.Redacted
): Effect.Effect<EncryptedApiKey, ApiKeyUnreadable> =>
  Effect.suspend(() => {
    const [current] = keys
    if (current === undefined) {
      return new ApiKeyUnreadable({
        message: "No encryption key is configured. Set ENCRYPTION_KEY, and keep a copy of it."
      })
    }
    const iv = randomBytes(ivBytes)
    const cipher = createCipheriv(algorithm, Redacted.value(current.key), iv)
    cipher.setAAD(authenticated(installationId))
    const ciphertext = Buffer.concat([cipher.update(Redacted.value(apiKey), "utf8"), cipher.final()])
    return Effect.succeed({ ciphertext, iv, authTag: cipher.getAuthTag(), keyId: current.id })
  })

/** Decrypts with the key that the row names. */
export const decrypt = (
  keys: ReadonlyArray<EncryptionKey>,
  installationId: number,
  stored: EncryptedApiKey
): Effect.Effect<Redacted.Redacted, ApiKeyUnreadable> =>
  Effect.suspend(() => {
    const named = keys.find((key) => key.id === stored.keyId)
    if (named === undefined) {
      return new ApiKeyUnreadable({
        message: `The API key of installation ${installationId} was encrypted with the key ${stored.keyId}, which is not configured. Add that key to ENCRYPTION_KEY, or set the API key anew.`
      })
    }
    return Effect.try({
      try: () => {
        const decipher = createDecipheriv(algorithm, Redacted.value(named.key), stored.iv)
        decipher.setAAD(authenticated(installationId))
        decipher.setAuthTag(stored.authTag)
        const plain = Buffer.concat([decipher.update(stored.ciphertext), decipher.final()])
        return Redacted.make(plain.toString("utf8"))
      },
      catch: () =>
        new ApiKeyUnreadable({
          message: `The API key of installation ${installationId} does not decrypt: the row was changed, or ENCRYPTION_KEY is not the key it was encrypted with. Set the API key anew.`
        })
    })
  })
