/** `holdfast review owner/repo#12 --dry-run`, held against what the service posts for the same pull request. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted, Schedule, Schema } from "effect"
import { Posting } from "../../src/cli/review/Posting.ts"
import { Sandbox, type SandboxService } from "../../src/sandbox/Sandbox.ts"
import { holdfast } from "../support/Repository.ts"
import { install, oneFinding } from "./Installed.ts"

const decode = Schema.decode(Schema.parseJson(Posting), { onExcessProperty: "error" })

const environment = (sandbox: SandboxService) => ({
  GITHUB_APP_ID: String(sandbox.app.id),
  GITHUB_PRIVATE_KEY: Redacted.value(sandbox.app.privateKey),
  GITHUB_API_URL: sandbox.url
})

/** Requests that would have changed something; buying a token does not. */
const changing = ({ journal }: SandboxService) =>
  Effect.map(journal.entries, (entries) =>
    entries
      .map(({ method, path }) => `${method} ${path}`)
      .filter((request) => !/^GET |\/access_tokens$/.test(request))
  )

describe("holdfast review --dry-run", () => {
  it.scopedLive(
    "shows what the service then posts, and posts nothing itself",
    () =>
      Effect.gen(function* () {
        const { sandbox, serve } = yield* install()
        const pull = yield* sandbox.pulls.open({ content: oneFinding })
        const reference = `${pull.owner}/${pull.repo}#${pull.number}`
        const run = (...args: ReadonlyArray<string>) =>
          holdfast(["review", reference, "--dry-run", ...args], { env: environment(sandbox) })
        const [json, pretty] = yield* Effect.all(
          [run("--format", "json", "--fail-on", "medium"), run("--fail-on", "critical")],
          { concurrency: 2 }
        )
        assert.strictEqual(json.code, 1, json.stderr)
        assert.match(json.stderr, /Left out is what only the database knows/)
        assert.strictEqual(pretty.code, 0, pretty.stderr)
        yield* sandbox.pulls.close(pull)
        const closed = yield* run()
        assert.deepStrictEqual(
          [closed.code, closed.stdout],
          [0, "Nothing would be posted: the pull request is closed.\n"]
        )
        assert.deepStrictEqual(yield* changing(sandbox), [])

        yield* serve
        yield* sandbox.pulls.reopen(pull)
        const check = yield* sandbox.view.checkRuns(pull).pipe(
          Effect.map((checks) => checks.find(({ status }) => status === "completed")),
          Effect.filterOrFail((found) => found !== undefined),
          Effect.retry(Schedule.spaced("50 millis"))
        )
        const [review] = yield* sandbox.view.allReviews(pull)
        const posting = yield* decode(json.stdout)
        assert.strictEqual(posting.body, review?.body)
        assert.strictEqual(posting.commitSha, pull.headSha)
        assert.isNotEmpty(posting.comments)
        assert.deepStrictEqual(
          posting.comments.map(({ body, line, path }) => ({ body, line, path })),
          review?.comments.map(({ body, line, path }) => ({ body, line, path }))
        )
        assert.deepStrictEqual(
          [posting.check?.conclusion, posting.check?.title, posting.check?.summary],
          [check?.conclusion, check?.title, check?.summary]
        )
        for (const { body } of [{ body: posting.body ?? "" }, ...posting.comments]) {
          assert.include(pretty.stdout, body)
        }
      }),
    90_000
  )

  it.scopedLive(
    "says why it can't, with 2",
    () =>
      Effect.gen(function* () {
        const sandbox = yield* Sandbox.make()
        const pull = yield* sandbox.pulls.open({ content: oneFinding })
        const env = environment(sandbox)
        const there = `${pull.owner}/${pull.repo}#${pull.number}`
        const { GITHUB_APP_ID: _, ...withoutId } = env
        const said: ReadonlyArray<
          readonly [ReadonlyArray<string>, Readonly<Record<string, string>>, RegExp]
        > = [
          [["acme/nowhere#1"], env, /not installed on acme\/nowhere/],
          [[`${pull.owner}/${pull.repo}#4711`], env, /404|Not Found/i],
          [[there], withoutId, /GITHUB_APP_ID: It is not set/],
          [[there, "--format", "sarif"], env, /as pretty or json/],
          [[there, "--config", "x.yml"], env, /leave --config out/]
        ]
        yield* Effect.forEach(
          said,
          ([args, environment, sentence]) =>
            Effect.gen(function* () {
              const ran = yield* holdfast(["review", ...args, "--dry-run"], { env: environment })
              assert.deepStrictEqual([ran.code, ran.stdout], [2, ""])
              assert.match(ran.stderr, sentence)
              assert.notInclude(ran.stderr, "PRIVATE KEY-----")
              assert.notMatch(ran.stderr, /^\s+at /m)
            }),
          { concurrency: 2 }
        )
        assert.deepStrictEqual(yield* changing(sandbox), [])
      }),
    90_000
  )
})
