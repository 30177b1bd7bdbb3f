/** An installation that brings a key of its own. */
import { Effect, Layer, type Redacted } from "effect"
import { parseEncryptionKeys } from "../../src/Config/EncryptionKeys.ts"
import * as Database from "../../src/database/Database.ts"
import { DatabaseUrl } from "../../src/database/DatabaseUrl.ts"
import { encrypt } from "../../src/review/ApiKeyCipher.ts"
import * as Installations from "../../src/review/Installations.ts"

/** What ENCRYPTION_KEY is to be. */
export const encryptionKey = Buffer.alloc(32, 7).toString("base64")

/** Sets it, and what else is given, as `holdfast installations set` does. The installation has to be known. */
export const give = (
  url: Redacted.Redacted,
  installationId: number,
  apiKey: Redacted.Redacted,
  more: Omit<Installations.Change, "apiKey"> = {}
) =>
  Effect.gen(function* () {
    const encrypted = yield* encrypt(yield* parseEncryptionKeys(encryptionKey), installationId, apiKey)
    yield* Installations.change(installationId, { ...more, apiKey: encrypted })
  }).pipe(Effect.provide(Database.layer.pipe(Layer.provide(DatabaseUrl.layer(url)))), Effect.orDie)
