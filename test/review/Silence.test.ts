/** The second complaint about reviewers: nobody says anything. Every head that a webhook told of is spoken to here. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schedule } from "effect"
import type { OpenPull } from "../../src/sandbox/Controls.ts"
import { ModelSandbox } from "../../src/sandbox/ModelSandbox.ts"
import { noFindings } from "../../src/sandbox/models/Script.ts"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import * as TestDatabase from "../support/TestDatabase.ts"
import { configured } from "./Scripted.ts"
import { serve } from "./Served.ts"

interface Situation {
  readonly pull: Omit<OpenPull, "content">
  readonly config?: string
  readonly after?: Readonly<Record<string, string>>
  readonly status: "completed" | "queued"
  readonly conclusion: string | null
  readonly says: RegExp
}

const reviewed = { status: "completed", conclusion: "success" } as const
const skipped = { status: "completed", conclusion: "skipped" } as const

const situations: Readonly<Record<string, Situation>> = {
  usual: { pull: {}, ...reviewed, says: /No findings/ },
  fork: { pull: { fork: "stranger" }, ...reviewed, says: /No findings/ },
  draft: { pull: { draft: true }, ...skipped, says: /it is a draft; it will be reviewed when it is marked/ },
  bot: { pull: { author: "dependabot[bot]" }, ...skipped, says: /its author is a bot/ },
  label: { pull: { labels: ["no-review"] }, ...skipped, says: /it has the label no-review/ },
  title: { pull: { title: "WIP: not yet" }, ...skipped, says: /its title matches/ },
  off: { pull: {}, config: "enabled: false", ...skipped, says: /reviews are switched off/ },
  lock: {
    pull: {},
    after: { "src/a.ts": "const a = 1\n", "yarn.lock": "\n" },
    status: "completed",
    conclusion: "neutral",
    says: /Nothing to review/
  },
  limited: {
    pull: {},
    status: "queued",
    conclusion: null,
    says: /waits until \d{4}-\d\d-\d\dT\S+: .*limits the rate of requests/
  },
  unpaid: {
    pull: {},
    status: "completed",
    conclusion: "failure",
    says: /This commit was not reviewed: .*429/
  }
}

describe("what people complain of in every rival", () => {
  // How a job's end is told, one by one: Pushes.test.ts, RateLimits.test.ts, e2e/Supersede.test.ts.
  it.scopedLive(
    "silence",
    () =>
      Effect.gen(function* () {
        const sandbox = yield* Sandbox.make()
        const models = yield* ModelSandbox.make({
          script: ({ prompt }) => {
            if (prompt.includes("limited")) return { fault: { _tag: "RateLimited", retryAfterSeconds: 3600 } }
            return prompt.includes("unpaid") ? { fault: { _tag: "OutOfCredit" } } : noFindings
          }
        })
        yield* serve({ sandbox, models, url: yield* TestDatabase.url })

        const checkOf = (pull: Parameters<typeof sandbox.view.checkRuns>[0], headSha: string) =>
          Effect.map(sandbox.view.checkRuns(pull), (checks) =>
            checks.filter((one) => one.headSha === headSha)
          )
        const becomes = (
          what: string,
          pull: Parameters<typeof sandbox.view.checkRuns>[0],
          headSha: string,
          says: RegExp
        ) =>
          checkOf(pull, headSha).pipe(
            Effect.filterOrFail(
              ([check]) => says.test(`${check?.title}\n${check?.summary}`.replaceAll("\\", "")),
              (checks) => `${what}: ${JSON.stringify(checks)}`
            ),
            Effect.retry(Schedule.spaced("50 millis").pipe(Schedule.intersect(Schedule.recurs(1000))))
          )

        const opened = yield* Effect.forEach(Object.entries(situations), ([what, situation]) => {
          const before = { "src/a.ts": "const a = 1\n" }
          const after = situation.after ?? { "src/a.ts": `const a = "${what}"\n` }
          return Effect.map(
            sandbox.pulls.open({
              ...situation.pull,
              repo: what,
              content: configured(situation.config ?? "version: 1", before, after)
            }),
            (pull) => ({ what, situation, pull })
          )
        })
        for (const { pull, situation, what } of opened) {
          const checks = yield* becomes(what, pull, pull.headSha, situation.says)
          assert.deepStrictEqual(
            checks.map(({ conclusion, status }) => [status, conclusion]),
            [[situation.status, situation.conclusion]],
            what
          )
        }

        // A push waits for further ones, and says so until it is superseded; the last one does when it is closed.
        const [usual] = opened
        if (usual === undefined) return yield* Effect.dieMessage("nothing was opened")
        const push = (text: string) =>
          sandbox.pulls.push(usual.pull, { content: { edit: { "src/a.ts": `const a = "${text}"\n` } } })
        const waits = /waits until \d{4}-\d\d-\d\dT\S+: there may be further pushes/
        const first = yield* push("first")
        yield* becomes("a push", first, first.headSha, waits)
        const second = yield* push("second")
        yield* becomes("a push that was superseded", first, first.headSha, /cancelled: superseded by job \d+/)
        yield* becomes("the last push", second, second.headSha, waits)
        yield* sandbox.pulls.close(usual.pull)
        yield* becomes("closed", second, second.headSha, /cancelled: the pull request was closed/)
      }),
    120_000
  )
})
