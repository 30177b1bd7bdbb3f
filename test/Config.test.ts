import { generateKeyPairSync, randomBytes } from "node:crypto"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { createAppAuth } from "@octokit/auth-app"
import {
  ConfigProvider,
  Duration,
  Effect,
  Config as EffectConfig,
  FastCheck,
  LogLevel,
  Option,
  Redacted
} from "effect"
import * as Config from "../src/Config.ts"

const everything = {
  database: Config.database,
  github: Config.github,
  server: Config.server,
  queue: Config.queue,
  review: Config.review,
  log: Config.log
}

const { privateKey: rsa } = generateKeyPairSync("rsa", { modulusLength: 2048 })
const pkcs8 = rsa.export({ type: "pkcs8", format: "pem" }).toString()
const pkcs1 = rsa.export({ type: "pkcs1", format: "pem" }).toString()

const required = {
  GITHUB_APP_ID: "12345",
  GITHUB_PRIVATE_KEY: pkcs1,
  GITHUB_WEBHOOK_SECRET: "a secret"
}

const withVariables =
  (variables: Readonly<Record<string, string>>) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    Effect.withConfigProvider(effect, ConfigProvider.fromMap(new Map(Object.entries(variables))))

const load = (variables: Readonly<Record<string, string>>) =>
  Config.load(everything).pipe(withVariables({ ...required, ...variables }))

const mistakes = (variables: Readonly<Record<string, string>>) =>
  Effect.map(Effect.flip(load(variables)), (error) => error.mistakes.map(({ variable }) => variable))

describe("the configuration", () => {
  it.effect("needs three settings and has a default for every other one", () =>
    Effect.gen(function* () {
      const config = yield* load({})
      assert.isTrue(Option.isNone(config.database.url))
      assert.strictEqual(config.database.dataDir, ".holdfast")
      assert.strictEqual(config.github.appId, 12345)
      assert.strictEqual(config.github.apiUrl, "https://api.github.com")
      assert.deepStrictEqual(config.github.sweepEvery, Option.some(Duration.minutes(5)))
      assert.deepStrictEqual({ ...config.server }, { host: "127.0.0.1", port: 3000 })
      assert.strictEqual(config.queue.concurrency, 3)
      assert.strictEqual(config.queue.maxAttempts, 3)
      assert.strictEqual(Duration.format(config.queue.shutdownGrace), "25s")
      assert.strictEqual(Duration.format(config.queue.lease), "30s")
      assert.strictEqual(config.review.models.provider, "rules")
      assert.isTrue(Option.isNone(config.review.encryptionKeys))
      assert.strictEqual(config.log.level, LogLevel.Info)
      assert.strictEqual(config.log.format, "pretty")
    })
  )

  it.effect("takes an empty variable for one that is not set", () =>
    Effect.gen(function* () {
      const names = [
        "DATABASE_URL",
        "PORT",
        "HOST",
        "GITHUB_PRIVATE_KEY_PATH",
        "ENCRYPTION_KEY",
        "LOG_LEVEL",
        "HOLDFAST_LEASE"
      ]
      const config = yield* load(Object.fromEntries(names.map((name) => [name, "  "])))
      assert.strictEqual(config.server.port, 3000)
      assert.isTrue(Option.isNone(config.database.url))
    })
  )

  it.effect("loads only the groups it is asked for", () =>
    Effect.gen(function* () {
      const { database } = yield* Config.load({ database: Config.database }).pipe(
        withVariables({ PORT: "wrong" })
      )
      assert.strictEqual(database.dataDir, ".holdfast")
    })
  )

  it.effect("reports every mistake at once, each with its remedy", () =>
    Effect.gen(function* () {
      const wrong = {
        DATABASE_URL: "mysql://u:p@h/d",
        GITHUB_API_URL: "ftp://x",
        GITHUB_APP_ID: "Iv1.abc",
        GITHUB_PRIVATE_KEY: "nonsense",
        GITHUB_PRIVATE_KEY_PATH: "/no/such/file.pem",
        GITHUB_WEBHOOK_SECRET: "one,,two",
        HOLDFAST_SWEEP_EVERY: "sometimes",
        HOST: "http://localhost",
        PORT: "65536",
        HOLDFAST_CONCURRENCY: "0",
        HOLDFAST_MAX_ATTEMPTS: "3.5",
        HOLDFAST_SHUTDOWN_GRACE: "25",
        HOLDFAST_LEASE: "1 second",
        HOLDFAST_PROVIDER: "oracle",
        HOLDFAST_MODEL: "two words",
        HOLDFAST_FALLBACK_MODEL: '"quoted"',
        HOLDFAST_MODEL_URL: "localhost:11434",
        ANTHROPIC_API_KEY: "sk-ant one",
        OPENAI_API_KEY: "schl\u00fcssel",
        HOLDFAST_MODEL_KEY: "a b",
        HOLDFAST_MODEL_PRICE: "cheap",
        HOLDFAST_MODEL_TIMEOUT: "60",
        HOLDFAST_MODEL_CONCURRENCY: "many",
        HOLDFAST_DASHBOARD_URL: "holdfast.example.com",
        ENCRYPTION_KEY: "c2hvcnQ=",
        LOG_LEVEL: "loud",
        LOG_FORMAT: "xml"
      }
      const error = yield* Effect.flip(load(wrong))
      assert.sameMembers(
        error.mistakes.map(({ variable }) => variable),
        Object.keys(wrong)
      )
      for (const { problem, remedy, variable } of error.mistakes) {
        assert.isNotEmpty(problem, variable)
        assert.isNotEmpty(remedy, variable)
        assert.include(Config.render(error), `${variable}: ${problem}`)
        assert.include(Config.render(error), remedy)
      }
    })
  )

  it.effect("misses at the start what a provider can't do without", () =>
    Effect.gen(function* () {
      const missing = (given: Readonly<Record<string, string>>) =>
        Effect.map(
          Effect.flip(Config.load({ review: Config.review }).pipe(withVariables(given))),
          ({ mistakes }) => mistakes.map(({ variable }) => variable)
        )
      assert.deepStrictEqual(yield* missing({ HOLDFAST_PROVIDER: "anthropic" }), ["ANTHROPIC_API_KEY"])
      assert.deepStrictEqual(yield* missing({ HOLDFAST_PROVIDER: "openai" }), ["OPENAI_API_KEY"])
      const compatible = { HOLDFAST_PROVIDER: "openai-compatible" }
      assert.deepStrictEqual(yield* missing(compatible), ["HOLDFAST_MODEL_URL"])
      const url = { ...compatible, HOLDFAST_MODEL_URL: "http://127.0.0.1:11434/v1/" }
      assert.deepStrictEqual(yield* missing(url), ["HOLDFAST_MODEL"])
      const { review } = yield* Config.load({ review: Config.review }).pipe(
        withVariables({ ...url, HOLDFAST_MODEL: "qwen3:8b", HOLDFAST_MODEL_PRICE: "0.1/0.4" })
      )
      assert.deepInclude(review.models, {
        provider: "openai-compatible",
        url: Option.some("http://127.0.0.1:11434/v1"),
        model: Option.some("qwen3:8b"),
        price: Option.some({ input: 0.1, output: 0.4 })
      })
    })
  )

  it.effect("names what is required and missing", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Config.load(everything).pipe(withVariables({})))
      assert.deepStrictEqual(
        error.mistakes.map(({ variable }) => variable),
        ["GITHUB_APP_ID", "GITHUB_PRIVATE_KEY", "GITHUB_WEBHOOK_SECRET"]
      )
    })
  )

  it.effect("shows a secret neither in a mistake nor in what is loaded", () =>
    Effect.gen(function* () {
      const secret = "hunter2hunter2"
      const error = yield* Effect.flip(
        load({
          DATABASE_URL: `postgres:/${secret}:${secret}@:x`,
          GITHUB_PRIVATE_KEY: `-----BEGIN RSA PRIVATE KEY-----\n${secret}\n-----END RSA PRIVATE KEY-----`,
          GITHUB_WEBHOOK_SECRET: `${secret},`,
          ENCRYPTION_KEY: secret
        })
      )
      assert.isAtLeast(error.mistakes.length, 3)
      assert.notInclude(Config.render(error) + JSON.stringify(error) + String(error), secret)

      const key = randomBytes(32).toString("hex")
      const config = yield* load({
        DATABASE_URL: `postgres://u:${secret}@h/d`,
        GITHUB_WEBHOOK_SECRET: secret,
        ENCRYPTION_KEY: key
      })
      const shown = JSON.stringify(config) + String(config.github.privateKey)
      for (const hidden of [secret, key, "PRIVATE KEY"]) assert.notInclude(shown, hidden)
    })
  )

  it("agrees with .env.example in its variables and their defaults, and with README in its variables", () =>
    Effect.gen(function* () {
      const lines = fs.readFileSync(".env.example", "utf8").split("\n")
      const example = new Map(
        lines.flatMap((line) => {
          const match = /^(?:# )?([A-Z][A-Z_]+)=(.*)$/.exec(line)
          return match?.[1] === undefined ? [] : [[match[1], match[2] ?? ""] as const]
        })
      )
      const asked = new Set<string>()
      const recording = ConfigProvider.mapInputPath(
        ConfigProvider.fromMap(new Map(Object.entries(required))),
        (name) => {
          asked.add(name)
          return name
        }
      )
      const defaults = yield* Effect.withConfigProvider(Config.load(everything), recording)
      assert.sameMembers([...example.keys()], [...asked])
      const table = fs.readFileSync("README.md", "utf8").matchAll(/^\| (`[A-Z][A-Z_]+`(?:, `[A-Z_]+`)*) \|/gm)
      const told = [...table].flatMap(([, names = ""]) => names.replaceAll("`", "").split(", "))
      assert.sameMembers(told, [...asked])

      const fromExample = yield* load(
        Object.fromEntries([...example].filter(([name]) => !(name in required)))
      )
      assert.deepStrictEqual(fromExample.github.sweepEvery, defaults.github.sweepEvery)
      assert.deepStrictEqual(fromExample.server, defaults.server)
      assert.deepStrictEqual(fromExample.queue, defaults.queue)
      assert.deepStrictEqual(fromExample.log, defaults.log)
      assert.deepStrictEqual(fromExample.database, defaults.database)
      assert.deepStrictEqual(fromExample.review, defaults.review)
      assert.strictEqual(fromExample.github.apiUrl, defaults.github.apiUrl)
    }).pipe(Effect.runPromise))
})

describe("Config.layer", () => {
  it.scoped(
    "reads a file .env behind the environment, which counts first, and changes nothing in its values",
    () =>
      Effect.gen(function* () {
        const folder = yield* Effect.acquireRelease(
          Effect.sync(() => fs.mkdtempSync(path.join(os.tmpdir(), "holdfast-config-"))),
          (folder) => Effect.sync(() => fs.rmSync(folder, { recursive: true }))
        )
        fs.writeFileSync(
          path.join(folder, ".env"),
          'HOST=192.0.2.1\nPORT=4321 # a comment\nGITHUB_WEBHOOK_SECRET="pa$$word#1"\n'
        )
        const before = process.cwd()
        yield* Effect.acquireRelease(
          Effect.sync(() => {
            process.chdir(folder)
            process.env["HOST"] = "192.0.2.2"
          }),
          () =>
            Effect.sync(() => {
              process.chdir(before)
              delete process.env["HOST"]
            })
        )
        const { server } = yield* Effect.provide(Config.load({ server: Config.server }), Config.layer)
        assert.deepStrictEqual({ ...server }, { host: "192.0.2.2", port: 4321 })
        const secret = yield* Effect.provide(EffectConfig.string("GITHUB_WEBHOOK_SECRET"), Config.layer)
        assert.strictEqual(secret, "pa$$word#1")
      })
  )
})

describe("GITHUB_PRIVATE_KEY", () => {
  const accepted = {
    "PKCS#1 PEM": pkcs1,
    "PKCS#8 PEM": pkcs8,
    "PEM with \\n for newlines": pkcs1.replaceAll("\n", "\\n"),
    "PEM with Windows newlines": pkcs1.replaceAll("\n", "\r\n"),
    "PEM with \\r\\n for newlines": pkcs8.replaceAll("\n", "\\r\\n"),
    "PEM in quotes": `"${pkcs1.replaceAll("\n", "\\n")}"`,
    "PEM in base64": Buffer.from(pkcs1).toString("base64"),
    "PEM in base64 with line breaks": (
      Buffer.from(pkcs8)
        .toString("base64")
        .match(/.{1,64}/g) ?? []
    ).join("\n")
  }
  for (const [form, value] of Object.entries(accepted)) {
    it.effect(`takes ${form}, and the App can sign with it`, () =>
      Effect.gen(function* () {
        const { github } = yield* load({ GITHUB_PRIVATE_KEY: value })
        const auth = createAppAuth({ appId: github.appId, privateKey: Redacted.value(github.privateKey) })
        const { token } = yield* Effect.promise(() => auth({ type: "app" }))
        assert.strictEqual(token.split(".").length, 3)
        assert.strictEqual(Redacted.value(github.privateKey), pkcs8)
      })
    )
  }

  const passphrase = { cipher: "aes-256-cbc", passphrase: "x" }
  const refused = {
    "a public key": generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey.export({
      type: "spki",
      format: "pem"
    }),
    "a key with a passphrase": rsa.export({ type: "pkcs8", format: "pem", ...passphrase }),
    "an old key with a passphrase": rsa.export({ type: "pkcs1", format: "pem", ...passphrase }),
    "an elliptic key": generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({
      type: "pkcs8",
      format: "pem"
    }),
    "a short key": generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey.export({
      type: "pkcs8",
      format: "pem"
    }),
    "half a key": pkcs1.slice(0, pkcs1.length / 2),
    "a key on one line": pkcs1.replaceAll("\n", " ").slice(0, 200)
  }
  for (const [what, value] of Object.entries(refused)) {
    it.effect(`refuses ${what}`, () =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* mistakes({ GITHUB_PRIVATE_KEY: value.toString() }), [
          "GITHUB_PRIVATE_KEY"
        ])
      })
    )
  }

  it.effect("may stand in a file instead, but not in both places", () =>
    Effect.gen(function* () {
      const folder = yield* Effect.acquireRelease(
        Effect.sync(() => fs.mkdtempSync(path.join(os.tmpdir(), "holdfast-config-"))),
        (folder) => Effect.sync(() => fs.rmSync(folder, { recursive: true }))
      )
      fs.writeFileSync(`${folder}/key.pem`, pkcs1)
      const GITHUB_PRIVATE_KEY_PATH = `${folder}/key.pem`
      const { github } = yield* load({ GITHUB_PRIVATE_KEY: "", GITHUB_PRIVATE_KEY_PATH })
      assert.strictEqual(Redacted.value(github.privateKey), pkcs8)
      assert.deepStrictEqual(yield* mistakes({ GITHUB_PRIVATE_KEY_PATH }), ["GITHUB_PRIVATE_KEY"])
    }).pipe(Effect.scoped)
  )
})

describe("the other settings", () => {
  it.effect("GITHUB_WEBHOOK_SECRET holds several secrets while they are rotated", () =>
    Effect.gen(function* () {
      const { github } = yield* load({ GITHUB_WEBHOOK_SECRET: "new one, old" })
      assert.deepStrictEqual(github.webhookSecrets.map(Redacted.value), ["new one", "old"])
    })
  )

  it.effect("GITHUB_API_URL loses its last slash", () =>
    Effect.gen(function* () {
      const { github } = yield* load({ GITHUB_API_URL: "https://ghe.example.com/api/v3/" })
      assert.strictEqual(github.apiUrl, "https://ghe.example.com/api/v3")
      assert.deepStrictEqual(yield* mistakes({ GITHUB_API_URL: "https://github.com" }), ["GITHUB_API_URL"])
    })
  )

  it.effect("HOLDFAST_SWEEP_EVERY takes a pace, or what switches it off", () =>
    Effect.gen(function* () {
      const paceOf = (text: string) =>
        Effect.map(load({ HOLDFAST_SWEEP_EVERY: text }), ({ github }) => github.sweepEvery)
      for (const off of ["off", "OFF", "0"]) assert.deepStrictEqual(yield* paceOf(off), Option.none())
      assert.deepStrictEqual(yield* paceOf("90 seconds"), Option.some(Duration.seconds(90)))
      for (const wrong of ["5", "2 days", "10 millis"]) {
        assert.deepStrictEqual(yield* mistakes({ HOLDFAST_SWEEP_EVERY: wrong }), ["HOLDFAST_SWEEP_EVERY"])
      }
    })
  )

  it.effect("HOLDFAST_DASHBOARD_URL loses its last slash, and holds nothing that may not be published", () =>
    Effect.gen(function* () {
      const { review } = yield* load({ HOLDFAST_DASHBOARD_URL: "https://holdfast.example.com/ops/" })
      assert.deepStrictEqual(review.dashboardUrl, Option.some("https://holdfast.example.com/ops"))
      for (const wrong of [
        "javascript:alert(1)",
        "https://u:p@h.example",
        "https://h.example/?job=",
        "//h"
      ]) {
        assert.deepStrictEqual(
          yield* mistakes({ HOLDFAST_DASHBOARD_URL: wrong }),
          ["HOLDFAST_DASHBOARD_URL"],
          wrong
        )
      }
    })
  )

  it.effect("ENCRYPTION_KEY takes base64 and hex alike, the first key being the one that encrypts", () =>
    Effect.gen(function* () {
      const old = randomBytes(32)
      const fresh = randomBytes(32)
      const forms = [
        `${fresh.toString("base64")},${old.toString("hex")}`,
        `${fresh.toString("hex").toUpperCase()} , ${old.toString("base64url")}`
      ]
      for (const form of forms) {
        const { review } = yield* load({ ENCRYPTION_KEY: form })
        const keys = Option.getOrThrow(review.encryptionKeys)
        assert.deepStrictEqual(
          keys.map(({ key }) => Buffer.from(Redacted.value(key))),
          [fresh, old]
        )
        assert.isTrue(keys.every(({ id }) => /^[0-9a-f]{8}$/.test(id)))
      }
      const twice = `${old.toString("hex")},${old.toString("base64")}`
      assert.deepStrictEqual(yield* mistakes({ ENCRYPTION_KEY: twice }), ["ENCRYPTION_KEY"])
    })
  )

  it.effect("PORT may be 0 for a free one, LOG_LEVEL may be written in capitals", () =>
    Effect.gen(function* () {
      const { log, server } = yield* load({ PORT: "0", LOG_LEVEL: "DEBUG" })
      assert.strictEqual(server.port, 0)
      assert.strictEqual(log.level, LogLevel.Debug)
    })
  )

  it.effect.prop(
    "PORT takes whole numbers in its bounds and nothing else",
    [FastCheck.oneof(FastCheck.integer(), FastCheck.double(), FastCheck.string())],
    ([value]) =>
      Effect.gen(function* () {
        const text = String(value).trim()
        const loaded = yield* Effect.either(load({ PORT: String(value) }))
        const fits = text === "" || (/^\d{1,15}$/.test(text) && Number(text) <= 65535)
        assert.strictEqual(loaded._tag, fits ? "Right" : "Left")
      })
  )
})
