/** `serve` with something wrong: it names what, says what to do, and ends with a code that a supervisor understands. */
import { generateKeyPairSync } from "node:crypto"
import { createServer } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Holdfast from "../support/Holdfast.ts"
import { install } from "./Installed.ts"

/** A wrong value for every variable. */
const wrong: Readonly<Record<string, string>> = {
  GITHUB_APP_ID: "my-app",
  GITHUB_PRIVATE_KEY: "not a key",
  GITHUB_PRIVATE_KEY_PATH: "/nowhere/key.pem",
  GITHUB_WEBHOOK_SECRET: "one,,two",
  GITHUB_API_URL: "api.github.com",
  HOLDFAST_SWEEP_EVERY: "sometimes",
  DATABASE_URL: "mysql://localhost/holdfast",
  HOST: "not a host!",
  PORT: "eighty",
  HOLDFAST_CONCURRENCY: "0",
  HOLDFAST_MAX_ATTEMPTS: "-1",
  HOLDFAST_SHUTDOWN_GRACE: "soon",
  HOLDFAST_LEASE: "30",
  HOLDFAST_PER_INSTALLATION: "none",
  HOLDFAST_RETAIN_COMPLETED: "never",
  HOLDFAST_RETAIN_ENDED: "1 second",
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
  ENCRYPTION_KEY: "short",
  LOG_LEVEL: "loud",
  LOG_FORMAT: "xml"
}

const { privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs1", format: "pem" }
})

/** Enough for a start, if there were a database. */
const right = {
  DATABASE_URL: "postgres://holdfast:hunter2@127.0.0.1:1/holdfast",
  GITHUB_APP_ID: "1",
  GITHUB_PRIVATE_KEY: privateKey,
  GITHUB_WEBHOOK_SECRET: "correct horse battery staple",
  PORT: "0"
}

const serve = (env: Readonly<Record<string, string>>) => Holdfast.start(["serve"], env)

describe("serve with a wrong setting", () => {
  for (const [variable, value] of Object.entries(wrong)) {
    it.scopedLive(
      `names ${variable} and the remedy`,
      () =>
        Effect.gen(function* () {
          const process = yield* serve({ ...right, [variable]: value })
          const { code } = yield* process.ended
          assert.strictEqual(code, 78)
          const said = process.output()
          assert.match(said, new RegExp(`^ +${variable}: .+\\n +\\S.+`, "m"))
          assert.notMatch(said, /^\s+at /m, "no stack trace")
          assert.notInclude(said, right.GITHUB_WEBHOOK_SECRET)
        }),
      60_000
    )
  }

  it.scopedLive(
    "names all mistakes at once",
    () =>
      Effect.gen(function* () {
        const process = yield* serve({ PORT: "eighty", LOG_FORMAT: "xml" })
        assert.strictEqual((yield* process.ended).code, 78)
        for (const variable of [
          "GITHUB_APP_ID",
          "GITHUB_PRIVATE_KEY",
          "GITHUB_WEBHOOK_SECRET",
          "PORT",
          "LOG_FORMAT"
        ]) {
          assert.include(process.output(), `${variable}: `)
        }
      }),
    60_000
  )

  it.scopedLive(
    "says that the port is taken",
    () =>
      Effect.gen(function* () {
        const taken = yield* Effect.acquireRelease(
          Effect.async<{ readonly port: number; readonly close: () => void }>((resume) => {
            const server = createServer().listen(0, "127.0.0.1", () => {
              const address = server.address()
              const port = typeof address === "object" && address !== null ? address.port : 0
              resume(Effect.succeed({ port, close: () => server.close() }))
            })
          }),
          ({ close }) => Effect.sync(close)
        )
        const { env } = yield* install()
        const process = yield* serve({ ...env, PORT: String(taken.port) })
        assert.strictEqual((yield* process.ended).code, 69)
        assert.include(process.output(), `Port ${taken.port} on 127.0.0.1 is taken.`)
        assert.notMatch(process.output(), /^\s+at /m)
      }),
    60_000
  )

  it.scopedLive(
    "says that the database can't be reached, without its password",
    () =>
      Effect.gen(function* () {
        const process = yield* serve(right)
        assert.strictEqual((yield* process.ended).code, 69)
        assert.include(process.output(), "127.0.0.1:1")
        assert.include(process.output(), "DATABASE_URL")
        assert.notInclude(process.output(), "hunter2")
        assert.notMatch(process.output(), /^\s+at /m)
      }),
    60_000
  )
})
