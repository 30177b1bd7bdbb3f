/** `holdfast installations`, as an operator runs it: the built program on a real database. */
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Option, Redacted, Schema } from "effect"
import { parseEncryptionKeys } from "../../src/Config/EncryptionKeys.ts"
import * as Database from "../../src/database/Database.ts"
import * as Session from "../../src/database/Session.ts"
import * as Settings from "../../src/review/Settings.ts"
import * as Holdfast from "../support/Holdfast.ts"
import * as TestDatabase from "../support/TestDatabase.ts"

const encryptionKey = Buffer.alloc(32, 7).toString("base64")
const apiKey = "sk-ant-a-key-of-their-own"

const operated = Effect.gen(function* () {
  const url = yield* TestDatabase.url
  yield* Effect.scoped(
    Effect.flatMap(Session.open({ url, applicationName: "test" }), (session) =>
      session.query(
        "insert into installations (id, account_login, account_type) values (7, 'acme', 'Organization'), (8, 'Zed', 'User')"
      )
    )
  )
  const run = (args: ReadonlyArray<string>, input?: string) =>
    Effect.gen(function* () {
      const process = yield* Holdfast.start(
        ["installations", ...args],
        { DATABASE_URL: Redacted.value(url), ENCRYPTION_KEY: encryptionKey },
        input
      )
      const { code } = yield* process.ended
      return { code, output: process.output() }
    }).pipe(Effect.scoped)
  const settings = Effect.gen(function* () {
    const keys = yield* parseEncryptionKeys(encryptionKey)
    const context = yield* Layer.build(
      Settings.layer(keys).pipe(Layer.provide(Database.layerFromUrl({ url })))
    )
    return yield* Context.get(context, Settings.Settings).load(7)
  })
  return { run, settings }
})

const Shown = Schema.parseJson(
  Schema.Struct({ id: Schema.Number, settings: Schema.Record({ key: Schema.String, value: Schema.Unknown }) })
)

describe("holdfast installations", () => {
  it.scopedLive("sets what is given, leaves the rest, and shows of a key only that there is one", () =>
    Effect.gen(function* () {
      const { run, settings } = yield* operated
      const first = yield* run(
        ["set", "7", "--provider", "anthropic", "--key", "--ignore", "a/**", "--ignore", "b/**"],
        `${apiKey}\n`
      )
      assert.strictEqual(first.code, 0, first.output)
      assert.notInclude(first.output, apiKey)
      const second = yield* run(["set", "7", "--max-comments", "5", "--enabled", "false", "--json"])
      assert.strictEqual(second.code, 0, second.output)
      const shown = yield* Schema.decode(Shown)(second.output)
      assert.deepInclude(shown.settings, {
        provider: "anthropic",
        has_api_key: true,
        max_comments: 5,
        enabled: false,
        ignore_paths: ["a/**", "b/**"],
        model: null
      })
      const loaded = yield* settings
      assert.deepStrictEqual(Option.map(loaded.apiKey, Redacted.value), Option.some(apiKey))
      assert.deepStrictEqual(loaded.ignorePaths, Option.some(["a/**", "b/**"]))
      const third = yield* run(["set", "7", "--unset", "key", "--unset", "max-comments"])
      assert.strictEqual(third.code, 0, third.output)
      const cleared = yield* settings
      assert.deepStrictEqual([cleared.apiKey, cleared.maxComments], [Option.none(), Option.none()])
      assert.deepStrictEqual(cleared.provider, Option.some("anthropic"))
      const { output } = yield* run(["list"])
      assert.match(output, /7 +acme +Organization +active, switched off +anthropic/)
      assert.match(output, /8 +Zed +User +active\n/)
    })
  )

  it.scopedLive("says what is wrong, and changes nothing", () =>
    Effect.gen(function* () {
      const { run, settings } = yield* operated
      for (const [args, said, input] of [
        [["set", "99", "--model", "x"], /no installation 99.*list/, undefined],
        [["show", "99"], /no installation 99/, undefined],
        [["set", "7"], /nothing to set/, undefined],
        [["set", "7", "--key"], /No key was given/, ""],
        [["set", "7", "--key"], /characters that no API key has/, "two words"]
      ] as const) {
        const { code, output } = yield* run(args, input)
        assert.notStrictEqual(code, 0)
        assert.match(output, said)
        assert.notMatch(output, /^\s+at /m)
      }
      assert.deepStrictEqual((yield* settings).apiKey, Option.none())
    })
  )
})
