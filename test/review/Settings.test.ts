/** An installation's settings and its API key, as they stand in the database. */
import * as SqlClient from "@effect/sql/SqlClient"
import { assert, layer } from "@effect/vitest"
import { Effect, Either, Option, Redacted } from "effect"
import { type EncryptionKey, encrypt } from "../../src/review/ApiKeyCipher.ts"
import * as Settings from "../../src/review/Settings.ts"
import * as TestDatabase from "../support/TestDatabase.ts"

const key = (id: string, byte: number): EncryptionKey => ({
  id,
  key: Redacted.make(new Uint8Array(32).fill(byte))
})
const oldKey = key("old", 1)
const newKey = key("new", 2)
const apiKey = Redacted.make("the installation's own key")

const store = (installation: number, keys: ReadonlyArray<EncryptionKey>) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const stored = yield* encrypt(keys, installation, apiKey)
    yield* sql`
      insert into installations (id, account_login, account_type) values (${installation}, 'acme', 'Organization')`
    yield* sql`
      insert into installation_settings (
        installation_id, provider, max_comments, min_severity, ignore_paths,
        api_key_ciphertext, api_key_iv, api_key_auth_tag, api_key_key_id
      ) values (
        ${installation}, 'rules', 7, 'high', array['dist/**', 'docs/**'],
        ${stored.ciphertext}, ${stored.iv}, ${stored.authTag}, ${stored.keyId}
      )`
    return stored
  })

const load = (installation: number, keys: ReadonlyArray<EncryptionKey>) =>
  Effect.flatMap(Settings.Settings, (settings) => settings.load(installation)).pipe(
    Effect.provide(Settings.layer(keys))
  )

const secretOf = (settings: Settings.InstallationSettings) =>
  Option.getOrNull(Option.map(settings.apiKey, Redacted.value))

layer(TestDatabase.layer, { excludeTestServices: true })("an installation's settings", (it) => {
  it.effect("come back as they were set, with the API key decrypted", () =>
    Effect.gen(function* () {
      yield* store(1, [newKey])
      const settings = yield* load(1, [newKey])
      assert.strictEqual(secretOf(settings), Redacted.value(apiKey))
      assert.deepStrictEqual(settings.maxComments, Option.some(7))
      assert.deepStrictEqual(settings.minSeverity, Option.some("high"))
      assert.deepStrictEqual(settings.ignorePaths, Option.some(["dist/**", "docs/**"]))
      assert.deepStrictEqual(settings.maxFiles, Option.none())
    })
  )

  it.effect("are all unset for an installation that has none", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* load(404, [newKey]), Settings.nothingSet)
    })
  )

  it.effect("stay readable while the encryption key is rotated", () =>
    Effect.gen(function* () {
      yield* store(2, [oldKey])
      assert.strictEqual(secretOf(yield* load(2, [newKey, oldKey])), Redacted.value(apiKey))
    })
  )

  it.effect("say which encryption key is missing", () =>
    Effect.gen(function* () {
      yield* store(3, [oldKey])
      const read = yield* Effect.either(load(3, [newKey]))
      assert.match(Either.isLeft(read) ? read.left.message : "", /encrypted with the key old.*ENCRYPTION_KEY/)
    })
  )

  it.effect("do not decrypt for another installation, nor once a bit was changed", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* store(4, [newKey])
      yield* sql`insert into installations (id, account_login, account_type) values (5, 'evil', 'User')`
      yield* sql`
        insert into installation_settings
          (installation_id, api_key_ciphertext, api_key_iv, api_key_auth_tag, api_key_key_id)
        select 5, api_key_ciphertext, api_key_iv, api_key_auth_tag, api_key_key_id
        from installation_settings where installation_id = 4`
      const copied = yield* Effect.either(load(5, [newKey]))
      assert.match(Either.isLeft(copied) ? copied.left.message : "", /does not decrypt/)
      yield* sql`
        update installation_settings
        set api_key_ciphertext = set_byte(api_key_ciphertext, 0, get_byte(api_key_ciphertext, 0) # 1)
        where installation_id = 4`
      const changed = yield* Effect.either(load(4, [newKey]))
      assert.match(Either.isLeft(changed) ? changed.left.message : "", /does not decrypt/)
    })
  )
})
