import { describe, expect, it } from "@effect/vitest"
import { verify } from "@octokit/webhooks-methods"
import { Effect, Redacted } from "effect"
import type { SandboxService } from "../../src/sandbox/Sandbox.ts"
import { field, jwt, send } from "./Client.ts"
import { checked } from "./checked.ts"
import { receiver } from "./Hook.ts"
import { problems } from "./WebhookSchemas.ts"

const definitions: { readonly [action: string]: string } = {
  opened: "pull_request$opened",
  synchronize: "pull_request$synchronize",
  closed: "pull_request$closed",
  reopened: "pull_request$reopened",
  converted_to_draft: "pull_request$converted_to_draft",
  ready_for_review: "pull_request$ready_for_review",
  edited: "pull_request$edited"
}

const content = { before: { "a.txt": "a\n" }, after: { "a.txt": "b\n" } }

const listDeliveries = (sandbox: SandboxService, path: string, method = "GET") =>
  send(sandbox, method, path, { authorization: `bearer ${jwt(sandbox)}` })

describe("webhooks", () => {
  it.scopedLive("are sent for each change of a pull request, in the form that Octokit knows", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const hook = yield* receiver()
        yield* sandbox.webhooks.configure(hook.url)
        const opened = yield* sandbox.pulls.open({ content, labels: ["bug"] })
        expect(opened.delivery).toMatchObject({ statusCode: 202, status: "OK", action: "opened" })
        const pushed = yield* sandbox.pulls.push(opened, { content: { edit: { "b.txt": "new\n" } } })
        yield* sandbox.pulls.convertToDraft(opened)
        yield* sandbox.pulls.readyForReview(opened)
        yield* sandbox.pulls.rename(opened, "Another title")
        yield* sandbox.pulls.close(opened)
        yield* sandbox.pulls.reopen(opened)
        yield* sandbox.pulls.close(opened, true)

        const payloads = hook.received.map(({ body }): unknown => JSON.parse(body))
        const actions = payloads.map((payload) => String(field(payload, "action")))
        expect(actions).toEqual([
          "opened",
          "synchronize",
          "converted_to_draft",
          "ready_for_review",
          "edited",
          "closed",
          "reopened",
          "closed"
        ])
        payloads.forEach((payload, index) => {
          expect(problems(definitions[actions[index] ?? ""] ?? "", payload)).toEqual([])
        })
        expect(payloads[1]).toMatchObject({ before: opened.headSha, after: pushed.headSha })
        expect(payloads[7]).toMatchObject({ pull_request: { merged: true, state: "closed" } })
        expect(field(payloads[0], "installation", "id")).toBe(sandbox.installationId)
      })
    )
  )

  it.scopedLive("are signed and named as GitHub does", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const hook = yield* receiver()
        yield* sandbox.webhooks.configure(hook.url)
        yield* sandbox.webhooks.ping
        yield* sandbox.webhooks.installation("created")
        const [ping, installation] = hook.received
        const signature = String(ping?.headers["x-hub-signature-256"])
        const secret = Redacted.value(sandbox.app.webhookSecret)
        expect(yield* Effect.promise(() => verify(secret, ping?.body ?? "", signature))).toBe(true)
        expect(yield* Effect.promise(() => verify("other", ping?.body ?? "", signature))).toBe(false)
        expect(ping?.headers).toMatchObject({
          "x-github-event": "ping",
          "x-github-hook-installation-target-type": "integration",
          "x-github-hook-installation-target-id": String(sandbox.app.id),
          "content-type": "application/json"
        })
        expect(ping?.headers["user-agent"]).toMatch(/^GitHub-Hookshot\//)
        expect(ping?.headers["x-github-delivery"]).toMatch(/^[0-9a-f-]{36}$/)
        expect(problems("installation$created", JSON.parse(installation?.body ?? ""))).toEqual([])
      })
    )
  )

  it.scopedLive("are sent once, logged when they fail, and redelivered under the same GUID", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const statuses = [503, 202, 202]
        const hook = yield* receiver(() => statuses.shift())
        yield* sandbox.webhooks.configure(hook.url)
        const opened = yield* sandbox.pulls.open({ content })
        expect(hook.received).toHaveLength(1)
        expect(opened.delivery).toMatchObject({ statusCode: 503, redelivery: false })
        const guid = opened.delivery?.guid ?? ""
        const again = yield* sandbox.webhooks.redeliver(guid)
        expect(again).toMatchObject({ guid, redelivery: true, statusCode: 202 })
        expect(hook.received[1]?.headers["x-github-delivery"]).toBe(guid)
        expect(hook.received[1]?.body).toBe(hook.received[0]?.body)
        expect((yield* Effect.exit(sandbox.webhooks.redeliver("none")))._tag).toBe("Failure")
      })
    )
  )

  it.scopedLive("that meet a closed port are kept in the app's list of deliveries", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const gone = yield* Effect.scoped(receiver())
        yield* sandbox.webhooks.configure(gone.url)
        const opened = yield* sandbox.pulls.open({ content })
        expect(opened.delivery).toMatchObject({ statusCode: 0, status: "failed to connect to host" })
        yield* sandbox.pulls.close(opened)
        yield* sandbox.pulls.reopen(opened)

        const first = yield* listDeliveries(sandbox, "/app/hook/deliveries?per_page=2")
        expect(first.body).toMatchObject([{ action: "reopened" }, { action: "closed" }])
        const next = /<([^>]+)>; rel="next"/.exec(first.headers.get("link") ?? "")?.[1] ?? ""
        const second = yield* listDeliveries(sandbox, next)
        expect(second.body).toMatchObject([{ action: "opened", guid: opened.delivery?.guid }])
        const one = `/app/hook/deliveries/${field(second.body, 0, "id")}`
        const detail = yield* listDeliveries(sandbox, one)
        expect(field(detail.body, "request", "payload", "number")).toBe(opened.number)

        const hook = yield* receiver()
        yield* sandbox.webhooks.configure(hook.url)
        expect((yield* listDeliveries(sandbox, `${one}/attempts`, "POST")).status).toBe(202)
        expect((yield* listDeliveries(sandbox, "/app/hook/deliveries/1")).status).toBe(404)
      })
    )
  )
})
