import { Effect, Either } from "effect"
import { describe, expect, it } from "vitest"
import { type Decision, decide } from "../../src/github/Decision.ts"
import { type Delivery, readDelivery } from "../../src/github/WebhookEvent.ts"
import { examples, pullRequests } from "./Examples.ts"

const read = (delivery: Omit<Delivery, "guid">) =>
  Effect.runSync(Effect.either(readDelivery({ guid: "g", ...delivery })))

const decisionFor = (delivery: Omit<Delivery, "guid">): Decision =>
  Either.getOrThrow(Either.map(read(delivery), ({ event }) => decide(event)))

const sha = "0123456789abcdef0123456789abcdef01234567"

const pullRequest = (action: string, changes: object = {}, outside: object = {}) => ({
  event: "pull_request",
  payload: {
    action,
    number: 7,
    installation: { id: 42 },
    repository: { name: "spoon", full_name: "octo/spoon", owner: { login: "octo", type: "Organization" } },
    pull_request: {
      number: 7,
      title: "Bend it",
      state: "open",
      draft: false,
      head: { sha },
      base: { ref: "main" },
      ...changes
    },
    ...outside
  }
})

const subject = {
  installationId: 42,
  owner: "octo",
  repo: "spoon",
  pullRequest: 7,
  title: "Bend it",
  commitSha: sha,
  baseBranch: "main"
}

describe("what is done about a pull request", () => {
  it.each([
    ["opened", "opened"],
    ["reopened", "opened"],
    ["synchronize", "push"]
  ])("%s makes a job, which knows whether it is a draft", (action, trigger) => {
    for (const draft of [false, true]) {
      expect(decisionFor(pullRequest(action, { draft }))).toEqual({
        _tag: "Enqueue",
        job: { trigger, subject, payload: { draft } }
      })
    }
  })

  it.each([
    ["ready_for_review", false, "opened"],
    ["converted_to_draft", true, "push"]
  ])("%s begins anew", (action, draft, trigger) => {
    expect(decisionFor(pullRequest(action, { draft }))).toMatchObject({
      _tag: "Restart",
      job: { trigger, subject, payload: { draft } }
    })
  })

  it("closed cancels what waits", () => {
    expect(decisionFor(pullRequest("closed", { state: "closed" }))).toMatchObject({
      _tag: "CancelPullRequest",
      subject
    })
  })

  it.each(["synchronize", "ready_for_review", "converted_to_draft"])(
    "%s of a closed pull request is ignored",
    (action) => {
      expect(decisionFor(pullRequest(action, { state: "closed" }))).toMatchObject({
        _tag: "Ignore",
        reason: expect.stringContaining("closed")
      })
    }
  )

  it.each(["labeled", "edited", "something_new"])("%s is ignored, and the reason names it", (action) => {
    expect(decisionFor(pullRequest(action))).toMatchObject({
      _tag: "Ignore",
      reason: expect.stringContaining(action)
    })
  })

  it("a repository's own webhook is ignored", () => {
    expect(decisionFor(pullRequest("opened", {}, { installation: undefined }))).toMatchObject({
      _tag: "Ignore",
      reason: expect.stringContaining("not the App's")
    })
  })

  it("a title's NULs, which Postgres can't store, are left out", () => {
    expect(decisionFor(pullRequest("opened", { title: "a\u0000b" }))).toMatchObject({
      job: { subject: { title: "ab" } }
    })
  })
})

describe("an event that lacks what we need", () => {
  it.each([
    ["the head", pullRequest("opened", { head: {} }), "pull_request.head.sha is missing"],
    ["the head", pullRequest("opened", { head: { sha: "main" } }), "pull_request.head.sha is not"],
    ["the number", pullRequest("opened", { number: 0 }), "pull_request.number is not"],
    ["the number", pullRequest("opened", { number: 2 ** 31 }), "pull_request.number is not"],
    ["the repository", pullRequest("opened", {}, { repository: null }), "repository is not"],
    ["the installation", pullRequest("opened", {}, { installation: {} }), "installation.id is missing"],
    ["the base", pullRequest("opened", { base: { ref: "a\u0000b" } }), "pull_request.base.ref is not"],
    ["the action", { event: "pull_request", payload: {} }, "action is missing"],
    ["everything", { event: "pull_request", payload: [] }, "payload is not an object"],
    ["everything", { event: "ping", payload: "pong" }, "payload is not an object"],
    [
      "the account",
      { event: "installation", payload: { action: "created", installation: { id: 1 } } },
      "account"
    ]
  ])("is refused for %s, in words", (_what, delivery, message) => {
    expect(read(delivery)).toMatchObject({
      left: { _tag: "IncompleteEvent", message: expect.stringContaining(message) }
    })
  })

  it("is refused without quoting it", () => {
    const refusal = JSON.stringify(read(pullRequest("opened", { head: { sha: "hunter2" } })))
    expect(refusal).not.toContain("hunter2")
  })
})

describe("GitHub's own examples", () => {
  it("are all understood", () => {
    expect(examples).toHaveLength(329)
    for (const { event, payload, title } of examples) {
      expect(Either.isRight(read({ event, payload })), title).toBe(true)
    }
  })

  it("of pull requests lead to what their actions ask for", () => {
    const decided = pullRequests.map(({ action, event, payload }) => [
      action,
      decisionFor({ event, payload })._tag
    ])
    const count = (action: string, tag: string) =>
      decided.filter(([a, t]) => a === action && t === tag).length
    expect(decided).toHaveLength(24)
    expect(count("opened", "Enqueue")).toBe(3)
    expect(count("reopened", "Enqueue")).toBe(2)
    expect(count("synchronize", "Enqueue")).toBe(1)
    expect(count("ready_for_review", "Restart")).toBe(1)
    expect(count("closed", "CancelPullRequest")).toBe(2)
    expect(count("converted_to_draft", "Restart")).toBe(1)
    expect(decided.filter(([, tag]) => tag === "Ignore")).toHaveLength(14)
  })

  it("of installations keep them up to date", () => {
    const kept = examples
      .filter(({ event }) => event === "installation" || event === "installation_repositories")
      .map(({ action, event, payload }) => [action, decisionFor({ event, payload })] as const)
    expect(kept).toHaveLength(10)
    for (const [action, decision] of kept) {
      expect(decision).toMatchObject({ _tag: "KeepInstallation", deleted: action === "deleted" })
    }
  })
})
