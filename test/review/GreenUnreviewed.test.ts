/** The first complaint about reviewers: a green check run on a commit that nobody looked at. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Option } from "effect"
import { checkRunsJob } from "../../src/github/CheckRunsJob.ts"
import { ApiKeyUnreadable } from "../../src/review/ApiKeyCipher.ts"
import { nothingSet } from "../../src/review/Settings.ts"
import type { ModelFault } from "../../src/sandbox/ModelSandbox.ts"
import { noFindings, type Script } from "../../src/sandbox/models/Script.ts"
import type { Circumstances } from "./Reviewing.ts"
import { beginScripted, configured, type Scripted, says, seen } from "./Scripted.ts"

const files = {
  before: { "src/a.ts": "export const a = 1\n" },
  after: { "src/a.ts": "export const a = 2\n" }
}

interface Situation {
  readonly files?: Parameters<typeof beginScripted>[0]
  readonly script?: Script
  readonly circumstances?: Circumstances
  readonly fault?: ModelFault
  readonly before?: (scripted: Scripted) => Effect.Effect<unknown>
  readonly conclusion: "failure" | "neutral"
  /** In the check run. */
  readonly says: RegExp
}

const aPull = "/repos/{owner}/{repo}/pulls/{pull_number}"

/** Why nobody looked, or not at everything. */
const situations: Readonly<Record<string, Situation>> = {
  "the quota is used up": {
    fault: { _tag: "OutOfCredit" },
    conclusion: "failure",
    says: /was not reviewed: .*(credit|quota)/
  },
  "the key is refused": {
    fault: { _tag: "InvalidKey" },
    conclusion: "failure",
    says: /was not reviewed: .*401/
  },
  "there is no such model": {
    fault: { _tag: "UnknownModel" },
    conclusion: "failure",
    says: /was not reviewed: .*404/
  },
  "the model is down": {
    fault: { _tag: "ServerFailure", status: 503 },
    conclusion: "failure",
    says: /was not reviewed: .*503/
  },
  "the model declines": {
    fault: { _tag: "Refused" },
    conclusion: "neutral",
    says: /Nothing was reviewed; 1 file not or not fully reviewed[\s\S]*the model declined/
  },
  "the installation's key can't be read": {
    circumstances: {
      settings: new ApiKeyUnreadable({ message: "none of the encryption keys is the one that was used" })
    },
    conclusion: "failure",
    says: /was not reviewed: .*encryption keys/
  },
  "the installation wants a provider that there is not": {
    circumstances: { settings: Effect.succeed({ ...nothingSet, provider: Option.some("oracle") }) },
    conclusion: "failure",
    says: /was not reviewed: .*oracle/
  },
  "GitHub does not give the files": {
    before: ({ sandbox }) =>
      sandbox.faults.add({
        fault: { _tag: "Answer", status: 404, body: { message: "Not Found" } },
        path: `${aPull}/files`,
        count: null
      }),
    conclusion: "failure",
    says: /was not reviewed/
  },
  "Holdfast meets what nobody foresaw": {
    circumstances: { settings: Effect.dieMessage("out of memory") },
    conclusion: "failure",
    says: /was not reviewed: Holdfast met an unexpected error/
  },
  "there is nothing that is reviewed": {
    files: { before: {}, after: { "package-lock.json": "{}\n" } },
    conclusion: "neutral",
    says: /Nothing to review[\s\S]*lock file/
  },
  "findings are no reason not to be green, but a file was over the limit": {
    files: configured("{ files: { max_files: 1 }, output: { check_on_findings: success } }", files.before, {
      ...files.after,
      "src/b.ts": "export const b = 2\n"
    }),
    script: () => ({ json: { findings: [says("src/a.ts", "export const a = 2")] } }),
    conclusion: "neutral",
    says: /1 finding: 1 high; 1 file not or not fully reviewed[\s\S]*over the limit of 1 files/
  },
  "findings are no reason not to be green, but nothing was reviewed": {
    files: configured(
      "{ output: { check_on_findings: success } }",
      {},
      { "certs/server.pem": "key\n", ".env": "A=1\n" }
    ),
    fault: { _tag: "Refused" },
    conclusion: "neutral",
    says: /not or not fully reviewed/
  }
}

describe("what people complain of in every rival", () => {
  it.scopedLive(
    "Green but never reviewed",
    () =>
      Effect.forEach(
        Object.entries(situations),
        ([what, { before, circumstances, conclusion, fault, says, ...situation }]) =>
          Effect.gen(function* () {
            const scripted = yield* beginScripted(
              situation.files ?? files,
              situation.script ?? (() => noFindings),
              circumstances
            )
            if (fault !== undefined) yield* scripted.models.faults.add({ fault, count: null })
            if (before !== undefined) yield* before(scripted)
            yield* scripted.finish
            const { check, said } = yield* seen(scripted)
            assert.deepStrictEqual([check.status, check.conclusion], ["completed", conclusion], what)
            assert.match(said, says, what)
          }).pipe(Effect.scoped),
        { discard: true }
      ),
    60_000
  )

  it.scopedLive("Green but never reviewed: not while it runs, nor when its worker died", () =>
    Effect.gen(function* () {
      const scripted = yield* beginScripted(files, () => noFindings)
      const { bury, claim, finish, models, run } = scripted
      const held = yield* models.faults.add({ fault: { _tag: "Hold" } })
      const claimed = Option.getOrThrow(yield* claim)
      const attempt = yield* Effect.fork(run(claimed))
      yield* models.journal.awaitQuestion({ stage: "received" })
      assert.strictEqual((yield* seen(scripted)).check.status, "in_progress")
      yield* Fiber.interrupt(attempt)
      yield* held.remove
      yield* bury(claimed)
      const { check } = yield* seen(scripted)
      assert.notStrictEqual(check.status, "completed")
      yield* finish
      const after = yield* seen(scripted)
      assert.strictEqual(after.check.id, check.id)
      assert.strictEqual(after.check.conclusion, "success")
      assert.isTrue((yield* models.journal.entries).some(({ answer }) => answer?.status === 200))
    })
  )

  it.scopedLive("Green but never reviewed: told later, and in no other words, if GitHub was away", () =>
    Effect.gen(function* () {
      const scripted = yield* beginScripted(files, () => noFindings, {
        settings: Effect.dieMessage("out of memory")
      })
      const { finish, pull, sandbox, store, subject } = scripted
      const away = yield* sandbox.faults.add({
        fault: { _tag: "Answer", status: 502, body: {} },
        path: "/repos/{owner}/{repo}/check-runs",
        count: null
      })
      yield* finish
      assert.isEmpty(yield* sandbox.view.checkRuns(pull))
      yield* away.remove
      yield* store.enqueue(checkRunsJob(subject, "later"))
      yield* finish
      const { check, said } = yield* seen(scripted)
      assert.strictEqual(check.conclusion, "failure")
      assert.match(said, /was not reviewed: Holdfast met an unexpected error/)
      assert.notInclude(said, "out of memory")
    })
  )

  it.scopedLive(
    "Green but never reviewed: a configuration with mistakes is told, and the review goes on",
    () =>
      Effect.gen(function* () {
        const scripted = yield* beginScripted(
          configured("review: { max_comments: many }", files.before, files.after),
          () => noFindings
        )
        yield* scripted.finish
        const { check, said } = yield* seen(scripted)
        assert.match(said, /holdfast\.yml:1:\d+: .*max_comments/)
        assert.strictEqual(check.conclusion, "success")
        assert.lengthOf(yield* scripted.models.journal.entries, 1)
      })
  )
})
