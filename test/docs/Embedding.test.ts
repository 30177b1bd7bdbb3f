/** docs/embedding.md: its programs, compiled and run as they stand on the page, with the package as it is packed. */
import * as fs from "node:fs"
import { assert, layer } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import * as Process from "../../src/cli/demo/Process.ts"
import { compile, resolutions, toJavaScript } from "../support/Compiler.ts"
import * as TestDatabase from "../support/TestDatabase.ts"
import { Consumer, layer as consumer } from "./Consumer.ts"
import { read } from "./Page.ts"

const page = read("embedding.md")

/** What must not compile, so that it shows whether the package's types arrive. */
const wrong = `
import { Context, Data, Effect, Layer } from "effect"
import { JobStore, Queue } from "holdfast"
import * as App from "holdfast/app"

class Busy extends Data.TaggedError("Busy") {}
export const unhandled = Queue.layer({ handlers: { deploy: () => new Busy() } })
export const settled = Effect.flatMap(JobStore, (store) => store.settle(1, { _tag: "Complete" }))
export const service: string = App.server

class Hosting extends Context.Tag("Hosting")<Hosting, string>() {}
const needing = Queue.layer({ handlers: { deploy: () => Effect.asVoid(Hosting), other: () => Effect.void } })
export const unprovided: Layer.Layer<never, unknown, JobStore> = needing
`

const programs = Layer.effectDiscard(
  Effect.gen(function* () {
    const { write } = yield* Consumer
    yield* Effect.forEach(page.programs, ([name, code]) =>
      Effect.zipRight(write(name.replace(/ts$/, "js"), toJavaScript(code)), write(name, code))
    )
  })
).pipe(Layer.provideMerge(consumer))

layer(programs, { excludeTestServices: true, timeout: "2 minutes" })("docs/embedding.md", (it) => {
  it.effect("the package holds what the program needs, and nothing else", () =>
    Effect.gen(function* () {
      const { packed } = yield* Consumer
      const sources = fs.readdirSync("src", { recursive: true, encoding: "utf8" })
      const modules = sources
        .filter((file) => file.endsWith(".ts"))
        .map((file) => `dist/${file.slice(0, -3)}`)
      const expected = [
        ...modules.flatMap((module) =>
          [".js", ".js.map", ".d.ts"].map((extension) => `${module}${extension}`)
        ),
        ...fs.readdirSync("migrations").map((file) => `migrations/${file}`),
        ...["CHANGELOG.md", "LICENSE", "README.md", "package.json"]
      ]
      assert.deepStrictEqual([...packed].sort(), expected.sort())
    })
  )

  it.effect.each(Object.entries(resolutions))(
    "the programs compile, and what is wrong does not, under moduleResolution %s",
    ([, resolution]) =>
      Effect.gen(function* () {
        const { folder, write } = yield* Consumer
        yield* write("wrong.ts", wrong)
        const files = [...page.programs.keys(), "wrong.ts"]
        assert.deepStrictEqual(yield* compile(folder, files, resolution), [
          "wrong.ts:7 TS2322",
          "wrong.ts:8 TS2345",
          "wrong.ts:9 TS2322",
          "wrong.ts:13 TS2322"
        ])
      }),
    90_000
  )

  it.scoped(
    "the whole program retries, observes, and drains at SIGTERM",
    () =>
      Effect.gen(function* () {
        const { folder } = yield* Consumer
        const url = yield* TestDatabase.emptyUrl
        const main = yield* Process.start({
          main: `${folder}/main.js`,
          args: [],
          env: { DATABASE_URL: Redacted.value(url) },
          cwd: folder
        })
        yield* main.saw(/failures so far: 1/)
        yield* main.signal("SIGTERM")
        assert.deepStrictEqual(yield* main.ended, { code: 0, signal: null })
        // The last line is of the job's end, which the observer need not come to see during a drain.
        const printed = main.output().split("\n")
        for (const line of page.outputAfter("it prints among its log:").slice(0, -1))
          assert.include(printed, line)
        assert.include(main.output(), "drained")
      }),
    60_000
  )

  it.scoped(
    "the test with virtual time passes",
    () =>
      Effect.gen(function* () {
        const { folder } = yield* Consumer
        const vitest = yield* Process.start({
          main: `${folder}/node_modules/vitest/vitest.mjs`,
          args: ["run", "deploy.test.ts"],
          env: { NO_COLOR: "1" },
          cwd: folder
        })
        const { code } = yield* vitest.ended
        assert.strictEqual(code, 0, vitest.output())
        assert.match(vitest.output(), /Tests +1 passed/)
      }),
    60_000
  )
})
