/** Comments, and requests for checks: what is read of them. What is done about them is for `Decision`. */
import { Effect, Either, Option } from "effect"
import { describe, expect, it } from "vitest"
import { decide } from "../../src/github/Decision.ts"
import { type Delivery, readDelivery } from "../../src/github/WebhookEvent.ts"
import { examples } from "./Examples.ts"

const read = (delivery: Omit<Delivery, "guid">) =>
  Effect.runSync(Effect.either(readDelivery({ guid: "g", ...delivery })))

const eventOf = (delivery: Omit<Delivery, "guid">) => Either.getOrThrow(read(delivery)).event

const sha = "0123456789abcdef0123456789abcdef01234567"
const repository = { id: 9, name: "spoon", owner: { login: "octo", type: "Organization" } }
const from = { installation: { id: 42 }, repository, sender: { login: "ann", type: "User" } }
const subject = { installationId: 42, owner: "octo", repo: "spoon" }

const comment = (changes: object = {}, issue: object = {}, action = "created") => ({
  event: "issue_comment",
  payload: {
    ...from,
    action,
    issue: { number: 7, title: "Bend it", state: "open", pull_request: { url: "https://x" }, ...issue },
    comment: { id: 5, user: { login: "ann", type: "User" }, body: "/review", ...changes }
  }
})

const reply = (changes: object = {}, action = "created") => ({
  event: "pull_request_review_comment",
  payload: {
    ...from,
    action,
    pull_request: { number: 7, title: "Bend it", state: "open" },
    comment: { id: 5, user: { login: "ann", type: "User" }, body: "/holdfast dismiss", ...changes }
  }
})

describe("a comment", () => {
  it("on a pull request is read with who wrote it", () => {
    expect(eventOf(comment())).toEqual({
      _tag: "Comment",
      ...subject,
      number: 7,
      title: "Bend it",
      state: "open",
      commentId: 5,
      thread: Option.none(),
      authorLogin: "ann",
      isBot: false,
      body: "/review"
    })
  })

  it("in a thread is read with the comment that the thread begins with", () => {
    const event = eventOf(reply({ in_reply_to_id: 4 }))
    expect(event).toEqual({
      _tag: "Comment",
      ...subject,
      number: 7,
      title: "Bend it",
      state: "open",
      commentId: 5,
      thread: Option.some(4),
      authorLogin: "ann",
      isBot: false,
      body: "/holdfast dismiss"
    })
    for (const first of [{}, { in_reply_to_id: null }])
      expect(eventOf(reply(first))).toMatchObject({ thread: Option.some(5) })
    // The conversation may have a comment of the same id.
    expect(decide(event)).toMatchObject({
      _tag: "Enqueue",
      job: { kind: "command/thread-5", payload: { comment: { id: 5, thread: 4 } } }
    })
    expect(decide(eventOf(comment({ body: "/holdfast dismiss" })))).toMatchObject({
      job: { kind: "command/5", payload: { comment: { id: 5, thread: null } } }
    })
  })

  it("of a bot is told apart, and nothing is done about it", () => {
    const event = eventOf(comment({ user: { login: "holdfast[bot]", type: "Bot" } }))
    expect(event).toMatchObject({ isBot: true, authorLogin: "holdfast[bot]" })
    expect(decide(event)).toMatchObject({ _tag: "Ignore", reason: expect.stringContaining("bot") })
  })

  it("of somebody who is gone is a ghost's, and NULs are left out", () => {
    expect(eventOf(comment({ user: null, body: "a\u0000b" }))).toMatchObject({
      authorLogin: "ghost",
      body: "ab"
    })
  })

  it.each([
    ["on an issue", comment({}, { pull_request: undefined }), "no pull request"],
    ["that was edited", comment({}, {}, "edited"), "edited"],
    ["that was deleted", comment({}, {}, "deleted"), "deleted"],
    ["in a thread that was edited", reply({}, "edited"), "edited"],
    [
      "of a repository's own webhook",
      { event: "issue_comment", payload: { ...comment().payload, installation: undefined } },
      "not the App's"
    ]
  ])("%s is none of ours", (_which, delivery, reason) => {
    expect(eventOf(delivery)).toMatchObject({ _tag: "Other", reason: expect.stringContaining(reason) })
  })
})

const pullRequests = (...repositories: ReadonlyArray<number>) =>
  repositories.map((id, index) => ({ number: index + 1, base: { repo: { id } } }))

const checkRun = (action: string, changes: object = {}, outside: object = {}) => ({
  event: "check_run",
  payload: {
    ...from,
    action,
    check_run: { id: 3, external_id: "17", head_sha: sha, pull_requests: pullRequests(9), ...changes },
    ...outside
  }
})

describe("a request for a check", () => {
  const read = { ...subject, headSha: sha, checkRunId: 3, externalId: "17", senderLogin: "ann" }

  it("to run again is read with the commit and the pull request", () => {
    expect(eventOf(checkRun("rerequested"))).toEqual({
      _tag: "CheckRunAction",
      ...read,
      action: "rerequested",
      number: Option.some(1)
    })
  })

  it("by a button bears the button's identifier", () => {
    const pressed = checkRun("requested_action", {}, { requested_action: { identifier: "fix_it" } })
    expect(eventOf(pressed)).toMatchObject({ ...read, action: "fix_it" })
  })

  it("of a whole suite names no run", () => {
    const check_suite = { head_sha: sha, pull_requests: pullRequests(9) }
    expect(
      eventOf({ event: "check_suite", payload: { ...from, action: "rerequested", check_suite } })
    ).toEqual({
      _tag: "CheckSuiteRerequested",
      ...subject,
      headSha: sha,
      senderLogin: "ann",
      number: Option.some(1)
    })
  })

  it("names no pull request from a fork, and none that leads into one", () => {
    const number = (list: ReadonlyArray<unknown>) => eventOf(checkRun("rerequested", { pull_requests: list }))
    expect(number([])).toMatchObject({ number: Option.none() })
    expect(number(pullRequests(8))).toMatchObject({ number: Option.none() })
    expect(number(pullRequests(8, 9))).toMatchObject({ number: Option.some(2) })
  })

  it.each(["created", "completed"])("%s asks for nothing", (action) => {
    expect(eventOf(checkRun(action))).toMatchObject({
      _tag: "Other",
      reason: `check_run ${action} needs nothing done`
    })
  })
})

it.each([
  ["comment.body is not", comment({ body: null })],
  ["comment.id is not", comment({ id: "5" })],
  ["comment.in_reply_to_id is not", reply({ in_reply_to_id: "4" })],
  ["issue.number is not", comment({}, { number: 0 })],
  ["check_run.head_sha is not", checkRun("rerequested", { head_sha: "main" })],
  ["requested_action is missing", checkRun("requested_action")],
  ["action is missing", { event: "check_suite", payload: from }]
])("an event is refused in words: %s", (message, delivery) => {
  expect(read(delivery)).toMatchObject({
    left: { _tag: "IncompleteEvent", message: expect.stringContaining(message) }
  })
})

describe("GitHub's own examples", () => {
  const tags = (event: string, action: string) =>
    examples
      .filter((one) => one.event === event && one.action === action)
      .map(({ payload }) => {
        const read = eventOf({ event, payload })
        return read._tag === "Other" ? read.reason : read._tag
      })
  const notOurs = "the webhook is a repository's or organisation's, not the App's"

  it("are read as what they are", () => {
    expect(tags("check_run", "rerequested")).toEqual(["CheckRunAction", "CheckRunAction"])
    expect(tags("check_run", "requested_action")).toEqual(["CheckRunAction"])
    expect(tags("check_suite", "rerequested")).toEqual(["CheckSuiteRerequested", "CheckSuiteRerequested"])
    expect(new Set(tags("pull_request_review_comment", "created"))).toEqual(new Set(["Comment", notOurs]))
    expect(tags("issue_comment", "created").sort()).toEqual([
      "the comment is on an issue that is no pull request",
      notOurs,
      notOurs,
      notOurs,
      notOurs
    ])
  })

  it("of a comment on a pull request are read, with what GitHub adds for one", () => {
    const [example] = examples.filter(
      ({ action, event, payload }) =>
        event === "issue_comment" && action === "created" && payload["installation"] !== undefined
    )
    const issue = { ...Object(example?.payload["issue"]), pull_request: { url: "https://x" } }
    expect(eventOf({ event: "issue_comment", payload: { ...example?.payload, issue } })).toMatchObject({
      _tag: "Comment",
      isBot: false
    })
  })
})
