import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import type { SandboxService } from "../../src/sandbox/Sandbox.ts"
import { client, field } from "./Client.ts"
import { checked } from "./checked.ts"

const runs = "/repos/acme/web-shop/check-runs"
const open = (sandbox: SandboxService) =>
  sandbox.pulls.open({ content: { before: {}, after: { "a.txt": "a\n" } } })

describe("a check run", () => {
  it.scopedLive("goes from queued to completed and keeps its external id", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const pull = yield* open(sandbox)
        const app = yield* client(sandbox)
        const made = yield* app.post(runs, { name: "Review", head_sha: pull.headSha, external_id: "17" })
        expect(made.status).toBe(201)
        expect(made.body).toMatchObject({
          status: "queued",
          conclusion: null,
          completed_at: null,
          external_id: "17",
          app: { id: sandbox.app.id },
          pull_requests: [{ number: pull.number }]
        })
        const one = `${runs}/${field(made.body, "id")}`
        const output = { title: "Reading", summary: "3 files" }
        expect((yield* app.patch(one, { status: "in_progress", output })).body).toMatchObject({
          status: "in_progress",
          output: { title: "Reading", text: null }
        })
        expect((yield* app.patch(one, { status: "completed" })).status).toBe(422)
        expect((yield* app.get(one)).body).toMatchObject({ status: "in_progress" })
        // A conclusion alone completes it.
        const done = yield* app.patch(one, { conclusion: "neutral" })
        expect(done.body).toMatchObject({ status: "completed", conclusion: "neutral" })
        expect(field(done.body, "completed_at")).toMatch(/^\d{4}-.*Z$/)
        expect(yield* sandbox.view.checkRuns(pull)).toMatchObject([{ conclusion: "neutral" }])
      })
    )
  )

  it.scopedLive("is refused for unknown commits and for output that is too long, counted in bytes", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const pull = yield* open(sandbox)
        const app = yield* client(sandbox)
        const create = (fields: { readonly [name: string]: unknown }) =>
          app.post(runs, { name: "Review", head_sha: pull.headSha, ...fields })
        expect((yield* create({ head_sha: "0".repeat(40) })).status).toBe(422)
        expect((yield* create({ output: { title: "x" } })).status).toBe(422)
        expect((yield* create({ output: { title: "x", summary: "é".repeat(32767) } })).status).toBe(201)
        const tooLong = yield* create({ output: { title: "x", summary: "é".repeat(32768) } })
        expect(tooLong.body).toMatchObject({
          message: "Validation Failed",
          errors: [{ resource: "CheckRun", field: "summary" }]
        })
        expect((yield* create({ status: "waiting" })).status).toBe(422)
      })
    )
  )

  it.scopedLive("is listed for its commit, the latest of each name unless all are asked for", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const pull = yield* open(sandbox)
        const app = yield* client(sandbox)
        for (const [name, id] of [
          ["A", "1"],
          ["A", "2"],
          ["B", "3"]
        ]) {
          yield* app.post(runs, { name, head_sha: pull.headSha, external_id: id })
        }
        const list = (query: string) =>
          Effect.map(app.get(`/repos/acme/web-shop/commits/${pull.headSha}/check-runs${query}`), (answer) => [
            field(answer.body, "total_count"),
            [0, 1, 2]
              .map((index) => field(answer.body, "check_runs", index, "external_id"))
              .filter((id) => id !== undefined)
          ])
        expect(yield* list("")).toEqual([2, ["3", "2"]])
        expect(yield* list("?filter=all")).toEqual([3, ["3", "2", "1"]])
        expect(yield* list("?filter=all&check_name=A&per_page=1&page=2")).toEqual([2, ["1"]])
        expect(yield* list("?app_id=1")).toEqual([0, []])
        expect(yield* list("?status=completed")).toEqual([0, []])
      })
    )
  )
})
