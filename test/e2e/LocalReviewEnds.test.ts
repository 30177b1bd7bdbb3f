/** `holdfast review`: how it ends, as a script sees it, and what it says when it can't review. */
import * as fs from "node:fs"
import * as path from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted, Schema } from "effect"
import { ReviewResult } from "../../src/cli/review/ReviewResult.ts"
import { ModelSandbox } from "../../src/sandbox/ModelSandbox.ts"
import * as Holdfast from "../support/Holdfast.ts"
import { folder, holdfast, type Ran, repository } from "../support/Repository.ts"

const decode = Schema.decode(Schema.parseJson(ReviewResult))

/** Runs some commands, two at a time. */
const each = <Name extends string>(commands: { readonly [N in Name]: Effect.Effect<Ran> }) =>
  Effect.all(commands, { concurrency: 2 })

describe("holdfast review ends", () => {
  it.scopedLive(
    "with 0 or 1 by the severity of what was found",
    () =>
      Effect.gen(function* () {
        const repo = yield* repository({ "a.ts": "export const a = 1\n" })
        const clean = yield* repo.review([])
        assert.deepStrictEqual([clean.code, clean.stdout], [0, "Nothing to review: no file was changed\n"])
        // A medium finding, and then a high one.
        repo.write({ "a.ts": "export const a = 1\ndebugger\n" })
        const shown = yield* repo.review([])
        assert.strictEqual(shown.code, 0)
        assert.include(shown.stdout, "a.ts:2  medium")
        repo.write({ "a.test.ts": 'it.only("works", () => {})\n' })
        assert.strictEqual((yield* repo.review([])).code, 1)
      }),
    90_000
  )

  it.scopedLive(
    "with 1 for what is over the limit on comments, and shows what fails below the minimum severity",
    () =>
      Effect.gen(function* () {
        const repo = yield* repository({
          "a.ts": "export const a = 1\n",
          ".holdfast.yml": "review: { min_severity: critical, max_comments: 1 }\n"
        })
        repo.write({
          "a.ts": "export const a = 1\ndebugger\n",
          "a.test.ts": 'it.only("works", () => {})\nit.only("works too", () => {})\n'
        })
        const ran = yield* repo.review(["--fail-on", "medium", "--format", "json"])
        assert.strictEqual(ran.code, 1)
        const { cut, findings } = yield* decode(ran.stdout)
        assert.deepStrictEqual(
          findings.map(({ severity }) => severity),
          ["high"]
        )
        assert.deepStrictEqual(cut.overLimit, { critical: 0, high: 1, medium: 1, low: 0 })
        const hidden = yield* repo.review(["--fail-on", "never"])
        assert.strictEqual(hidden.code, 0)
        assert.include(hidden.stdout, "3 findings below the minimum severity not shown")
      }),
    60_000
  )

  it.scopedLive(
    "with 2 when a file that should have been reviewed was not",
    () =>
      Effect.gen(function* () {
        const repo = yield* repository({ ".holdfast.yml": "files: { max_files: 1 }\n" })
        repo.write({ "a.ts": "export const a = 1\n", "b.ts": "export const b = 1\n" })
        const { code, stdout } = yield* repo.review(["--fail-on", "never"])
        assert.strictEqual(code, 2)
        assert.match(stdout, /Not or not fully reviewed:\n {2}b\.ts: over the limit of 1 files/)
      }),
    60_000
  )

  it.scopedLive(
    "with 2 and one sentence when it can't review",
    () =>
      Effect.gen(function* () {
        const repo = yield* repository({ "a.ts": "export const a = 1\n" })
        repo.git("switch", "--quiet", "--orphan", "apart")
        repo.commit({ "b.ts": "export const b = 1\n" })
        const elsewhere = yield* folder
        const withoutGit = yield* folder
        const notGit = (input: string) => holdfast(["review", "--patch", "-"], { input })
        const twice = "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-a\n+b\n"
        const written = path.join(elsewhere, "written")
        const said: ReadonlyArray<readonly [Effect.Effect<Ran>, RegExp]> = [
          [holdfast(["review"], { cwd: elsewhere }), /not a git repository.*--patch -/],
          [repo.review([], { env: { PATH: withoutGit } }), /no git on the PATH/],
          [repo.review(["--base", "nowhere"]), /no commit "nowhere"/],
          [repo.review(["--base", "main"]), /main and HEAD have no commit in common.*fetch/],
          [repo.review([`--base=--output=${written}`]), /no commit "--output=/],
          [repo.review(["--", `--output=${written}..apart`]), /no commit "--output=/],
          [repo.review(["apart..main", "--staged"]), /Only one change/],
          [repo.review(["--format", "xml"]), /pretty, json, sarif, github/],
          [repo.review(["--provider", "anthropic"]), /ANTHROPIC_API_KEY: It is not set/],
          [repo.review(["--config", "nowhere.yml"]), /configuration "nowhere.yml" can't be read/],
          [notGit("hello\n"), /not the output of git diff/],
          [notGit(twice.slice(0, -3)), /can't be read/],
          [notGit(`${twice}${twice}`), /the file "a" twice/]
        ]
        yield* Effect.forEach(
          said,
          ([command, sentence]) =>
            Effect.map(command, ({ code, stderr, stdout }) => {
              assert.deepStrictEqual([code, stdout], [2, ""], `${sentence}\n${stderr}`)
              assert.match(stderr, sentence)
              assert.notMatch(stderr, /^\s+at /m, "no stack trace")
            }),
          { concurrency: 2 }
        )
        assert.isFalse(fs.existsSync(written))
      }),
    120_000
  )

  it.scopedLive(
    "with 2 for unmerged files when only what is staged is to be reviewed; the working tree can be",
    () =>
      Effect.gen(function* () {
        const repo = yield* repository({ "a.ts": "export const a = 1\n" })
        repo.git("switch", "--quiet", "--create", "topic")
        repo.commit({ "a.ts": "export const a = 2\n" })
        repo.git("switch", "--quiet", "main")
        repo.commit({ "a.ts": "export const a = 3\n" })
        repo.failing("merge", "--quiet", "topic")
        const { staged, tree } = yield* each({ staged: repo.review(["--staged"]), tree: repo.review([]) })
        assert.strictEqual(staged.code, 2)
        assert.match(staged.stderr, /unmerged/)
        assert.strictEqual(tree.code, 1, tree.stderr)
        assert.match(tree.stdout, /a\.ts:\d+(-\d+)? {2}high/)
      }),
    60_000
  )

  it.scopedLive(
    "at SIGINT, at once, while a model is asked",
    () =>
      Effect.gen(function* () {
        const models = yield* ModelSandbox.make()
        yield* models.faults.add({ fault: { _tag: "Hold" } })
        const patch = "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-a\n+b\n"
        const process = yield* Holdfast.start(
          ["review", "--patch", "-"],
          {
            HOLDFAST_PROVIDER: "anthropic",
            HOLDFAST_MODEL_URL: models.url,
            ANTHROPIC_API_KEY: Redacted.value(models.apiKey)
          },
          patch
        )
        yield* models.journal.awaitQuestion({ stage: "received" })
        yield* process.signal("SIGINT")
        assert.deepStrictEqual(yield* process.ended, { code: 130, signal: null })
      }),
    60_000
  )

  it.scopedLive(
    "at SIGINT with the git that it has started",
    () =>
      Effect.gen(function* () {
        const bin = yield* folder
        const pidFile = path.join(bin, "pid")
        // A git that waits and tells who it is.
        fs.writeFileSync(
          path.join(bin, "git"),
          `#!/bin/sh\necho $$ > "${pidFile}.new"; mv "${pidFile}.new" "${pidFile}"\necho started >&2\nexec sleep 600\n`,
          { mode: 0o755 }
        )
        const started = new Promise<void>((resolve) => {
          const watcher = fs.watch(bin, () => {
            if (fs.existsSync(pidFile)) {
              watcher.close()
              resolve()
            }
          })
        })
        const process = yield* Holdfast.start(["review"], { PATH: `${bin}:/usr/bin:/bin` })
        yield* Effect.promise(() => started)
        const pid = Number(fs.readFileSync(pidFile, "utf8"))
        yield* process.signal("SIGINT")
        assert.deepStrictEqual(yield* process.ended, { code: 130, signal: null })
        assert.throws(() => globalThis.process.kill(pid, 0), /ESRCH/)
      }),
    60_000
  )
})
