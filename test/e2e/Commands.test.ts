/** Commands in comments, over HTTP with real webhooks: what each does, what is shown of it, and that it happens once. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import {
  answersOn,
  checksOf,
  checksOver,
  commandsOver,
  faulty,
  jobsLike,
  make,
  reactionsTo,
  reviewsOf,
  type Served,
  until
} from "./Served.ts"

const patience = 120_000

const started = Effect.gen(function* () {
  const served = yield* make()
  yield* served.serve
  return served
})

type Pull = Parameters<Served["sandbox"]["pulls"]["comment"]>[0]

const say = ({ sandbox }: Served, pull: Pull, body: string, login = "ann") =>
  Effect.orDie(sandbox.pulls.comment(pull, { login, body }))

const open = (served: Served, changes: object = {}) =>
  Effect.orDie(served.sandbox.pulls.open({ content: faulty("one"), ...changes }))

/** An open pull request whose head is reviewed. */
const reviewed = Effect.gen(function* () {
  const served = yield* started
  const pull = yield* open(served)
  yield* checksOver(served, pull, pull.headSha)
  return { served, pull }
})

describe("review", () => {
  it.scopedLive(
    "has a draft reviewed, once, and says of a head that was reviewed that it was",
    () =>
      Effect.gen(function* () {
        const served = yield* started
        const pull = yield* open(served, { draft: true })
        const [skipped] = yield* checksOver(served, pull, pull.headSha)
        assert.strictEqual(skipped?.conclusion, "skipped")
        const { commentId, delivery } = yield* say(served, pull, "/HoldFast  review\n\nthank you")
        yield* reviewsOf(served, pull, 1)
        yield* commandsOver(served, 1)
        assert.deepStrictEqual(yield* reactionsTo(served, pull, commentId), ["eyes", "+1"])
        assert.isEmpty(yield* answersOn(served, pull))

        // The same delivery again, and the same comment under another name.
        const again = yield* Effect.orDie(served.sandbox.webhooks.redeliver(delivery?.guid ?? ""))
        assert.include(again.responseBody ?? "", "this delivery came before")
        const url = (yield* served.sandbox.webhooks.deliveries)[0]?.url ?? ""
        const headers = { ...again.requestHeaders, "x-github-delivery": "another-name" }
        const response = yield* Effect.promise(() =>
          fetch(url, { method: "POST", headers, body: JSON.stringify(again.payload) })
        )
        assert.strictEqual(response.status, 200)

        const second = yield* say(served, pull, "/holdfast review")
        const [, other] = yield* commandsOver(served, 2)
        assert.strictEqual(other?.status, "completed")
        const [answer, ...more] = yield* answersOn(served, pull)
        assert.isEmpty(more)
        assert.match(answer ?? "", /reviewed already.*`\/holdfast review full`/)
        assert.deepStrictEqual(yield* reactionsTo(served, pull, second.commentId), ["eyes"])
        assert.lengthOf(yield* served.sandbox.view.allReviews(pull), 1)
      }),
    patience
  )

  it.scopedLive(
    "does not wait until pushes have ended",
    () =>
      Effect.gen(function* () {
        const served = yield* started
        const slow = "version: 1\nreview: { debounce_seconds: 3600 }\n"
        const pull = yield* Effect.orDie(served.sandbox.pulls.open({ content: faulty("one", slow) }))
        yield* checksOver(served, pull, pull.headSha)
        const pushed = yield* Effect.orDie(
          served.sandbox.pulls.push(pull, { content: { edit: { "src/b.ts": "const WRONG_two = 2\n" } } })
        )
        yield* until(checksOf(served, pull, pushed.headSha), ([check]) => check?.title === "Waiting")
        yield* say(served, pull, "/holdfast review")
        const reviews = yield* reviewsOf(served, pull, 2)
        assert.strictEqual(reviews[1]?.commitSha, pushed.headSha)
        const checks = yield* checksOver(served, pull, pushed.headSha)
        assert.deepStrictEqual(
          checks.map(({ conclusion }) => conclusion),
          ["cancelled", "neutral"]
        )
      }),
    patience
  )

  it.scopedLive(
    "full reviews the same head anew, asks the model again, and makes no second one of a command that runs twice",
    () =>
      Effect.gen(function* () {
        const { pull, served } = yield* reviewed
        const asked = (yield* served.models.journal.entries).length
        yield* say(served, pull, `@${served.sandbox.app.slug} review full`)
        yield* reviewsOf(served, pull, 2)
        const [command] = yield* commandsOver(served, 1)
        assert.isAbove((yield* served.models.journal.entries).length, asked)
        const [check] = (yield* checksOver(served, pull, pull.headSha)).slice(-1)
        assert.deepStrictEqual(
          check?.actions.map(({ identifier, label }) => [identifier, label]),
          [["review-full", "Review again"]]
        )
        // As after the death of a process that had made the review and not yet settled the command.
        yield* served.query(
          `update review_jobs set status = 'pending', completed_at = null, run_at = now() where id = ${command?.id}`
        )
        yield* commandsOver(served, 1)
        const reviews = yield* jobsLike(served, "review")
        assert.deepStrictEqual(
          reviews.map(({ commit_sha, generation, status }) => [commit_sha, generation, status]),
          [
            [pull.headSha, 0, "completed"],
            [pull.headSha, 1, "completed"]
          ]
        )
        assert.lengthOf(yield* served.sandbox.view.allReviews(pull), 2)
      }),
    patience
  )

  it.scopedLive(
    "of a closed pull request is refused",
    () =>
      Effect.gen(function* () {
        const { pull, served } = yield* reviewed
        yield* Effect.orDie(served.sandbox.pulls.close(pull))
        yield* say(served, pull, "/holdfast review full")
        yield* commandsOver(served, 1)
        assert.match((yield* answersOn(served, pull)).join(), /closed.*Reopen/)
        assert.lengthOf(yield* jobsLike(served, "review"), 1)
      }),
    patience
  )
})

describe("a command", () => {
  it.scopedLive(
    "is acknowledged while a review of the same pull request runs, and is carried out after it",
    () =>
      Effect.gen(function* () {
        const served = yield* started
        const held = yield* served.models.faults.add({ fault: { _tag: "Hold" } })
        const pull = yield* open(served)
        yield* served.models.journal.awaitQuestion({ stage: "received" })
        const { commentId } = yield* say(served, pull, "/holdfast pause")
        yield* until(reactionsTo(served, pull, commentId), (reactions) => reactions.length === 1)
        assert.deepStrictEqual(yield* reactionsTo(served, pull, commentId), ["eyes"])
        const [waiting] = yield* jobsLike(served, "command/%")
        assert.strictEqual(waiting?.status, "pending")
        yield* held.release
        yield* commandsOver(served, 1)
        assert.deepStrictEqual(yield* reactionsTo(served, pull, commentId), ["eyes", "+1"])
        assert.lengthOf(yield* served.sandbox.view.reviews(pull), 1)
      }),
    patience
  )

  it.scopedLive(
    "in a thread is acknowledged as soon",
    () =>
      Effect.gen(function* () {
        const { pull, served } = yield* reviewed
        const { models, sandbox } = served
        const asked = (yield* models.journal.entries).length
        const held = yield* models.faults.add({ fault: { _tag: "Hold" } })
        yield* say(served, pull, "/holdfast review full")
        yield* models.journal.awaitQuestion({ stage: "received", after: asked })
        const threads = sandbox.view.threads(pull)
        const first = (yield* threads)[0]?.first.id ?? 0
        yield* Effect.orDie(sandbox.pulls.reply(pull, first, { login: "ann", body: "/holdfast pause" }))
        yield* until(threads, ([thread]) => thread?.replies[0]?.reactions[0]?.content === "eyes")
        const statuses = (yield* jobsLike(served, "command/%")).map(({ status }) => status)
        assert.deepStrictEqual(statuses, ["completed", "pending"])
        yield* held.release
        yield* commandsOver(served, 2)
      }),
    patience
  )

  it.scopedLive(
    "that waits survives the closing of the pull request, and the end of the process",
    () =>
      Effect.gen(function* () {
        const served = yield* make()
        const { pull } = yield* Effect.scoped(
          Effect.gen(function* () {
            yield* served.serve
            const held = yield* served.models.faults.add({ fault: { _tag: "Hold" } })
            const pull = yield* open(served)
            yield* served.models.journal.awaitQuestion({ stage: "received" })
            yield* say(served, pull, "/holdfast pause")
            yield* Effect.orDie(served.sandbox.pulls.close(pull))
            yield* held.release
            return { pull }
          })
        )
        yield* served.serve
        const [command] = yield* commandsOver(served, 1)
        assert.strictEqual(command?.status, "completed")
        yield* Effect.orDie(served.sandbox.pulls.reopen(pull))
        const [check] = (yield* until(
          checksOf(served, pull, pull.headSha),
          (checks) => checks.at(-1)?.conclusion === "skipped"
        )).slice(-1)
        assert.include(check?.summary, "ann paused")
      }),
    patience
  )

  for (const [who, body, login] of [
    ["who may only read", "/holdfast review full", "eve"],
    ["who speaks to somebody else", "@hubot review full", "ann"],
    ["who is a bot", "/holdfast review full", "hubot[bot]"]
  ] as const) {
    it.scopedLive(
      `of one ${who} does nothing, and nothing is said`,
      () =>
        Effect.gen(function* () {
          const { pull, served } = yield* reviewed
          const { commentId } = yield* say(served, pull, body, login)
          if (login === "hubot[bot]") assert.isEmpty(yield* jobsLike(served, "command/%"))
          else {
            const [command] = yield* commandsOver(served, 1)
            assert.strictEqual(command?.status, "cancelled")
            assert.match(command?.error_message ?? "", /no write access|somebody else/)
          }
          assert.isEmpty(yield* reactionsTo(served, pull, commentId))
          assert.isEmpty(yield* answersOn(served, pull))
          assert.lengthOf(yield* jobsLike(served, "review"), 1)
        }),
      patience
    )
  }

  it.scopedLive(
    "that is not known is answered with those that are, and repeats nothing of the comment",
    () =>
      Effect.gen(function* () {
        const { pull, served } = yield* reviewed
        yield* say(served, pull, "/holdfast frobnicate @octocat <b>")
        yield* say(served, pull, "/holdfast help")
        yield* commandsOver(served, 2)
        const answers = yield* answersOn(served, pull)
        assert.lengthOf(answers, 2)
        for (const answer of answers) {
          assert.include(answer, "`/holdfast review full`")
          assert.notMatch(answer, /frobnicate|octocat/)
        }
      }),
    patience
  )

  it.scopedLive(
    "is answered once, also where GitHub's answer to the answer was lost",
    () =>
      Effect.gen(function* () {
        const { pull, served } = yield* reviewed
        const path = "/repos/{owner}/{repo}/issues/{number}/comments"
        yield* served.sandbox.faults.add({ method: "POST", path, fault: { _tag: "LoseAnswer" } })
        yield* say(served, pull, "/holdfast help")
        const [command] = yield* commandsOver(served, 1)
        assert.strictEqual(command?.status, "completed")
        assert.lengthOf(yield* answersOn(served, pull), 1)
      }),
    patience
  )

  it.scopedLive(
    "shows the configuration with the source of each value, and nothing that is secret",
    () =>
      Effect.gen(function* () {
        const { pull, served } = yield* reviewed
        yield* served.query(
          `insert into installation_settings (installation_id, style, instructions)
           values (${served.sandbox.installationId}, 'strict', 'Never name Bluebird.')`
        )
        yield* say(served, pull, "/holdfast configuration")
        yield* commandsOver(served, 1)
        const [answer = ""] = yield* answersOn(served, pull)
        assert.include(answer, '| `review.style` | `"strict"` | the installation\'s settings |')
        assert.include(answer, "| `review.debounce_seconds` | `0` | the repository's file |")
        assert.include(answer, "| `review.max_comments` | `10` | default |")
        assert.include(answer, "| `review.instructions` | set, not shown | the installation's settings |")
        assert.notInclude(answer, "Bluebird")
        assert.include(answer, "<details>")
      }),
    patience
  )
})

describe("pause", () => {
  it.scopedLive(
    "leaves pushes alone until resume, which makes up for them; a review can be asked for in between",
    () =>
      Effect.gen(function* () {
        const { pull, served } = yield* reviewed
        const push = (mark: string) =>
          Effect.orDie(
            served.sandbox.pulls.push(pull, {
              content: { edit: { [`src/${mark}.ts`]: `const WRONG_${mark} = 2\n` } }
            })
          )
        yield* say(served, pull, "/holdfast pause")
        yield* commandsOver(served, 1)
        const first = yield* push("two")
        const [skipped] = yield* checksOver(served, pull, first.headSha)
        assert.deepStrictEqual([skipped?.conclusion, skipped?.actions.length], ["skipped", 1])
        assert.match(skipped?.summary ?? "", /ann paused.*\/holdfast resume/)
        yield* say(served, pull, "/holdfast review")
        yield* reviewsOf(served, pull, 2)
        yield* commandsOver(served, 2)

        const second = yield* push("three")
        yield* checksOver(served, pull, second.headSha)
        assert.lengthOf(yield* served.sandbox.view.reviews(pull), 2)
        yield* say(served, pull, "/holdfast resume")
        const reviews = yield* reviewsOf(served, pull, 3)
        assert.deepStrictEqual(
          reviews.map(({ commitSha }) => commitSha),
          [pull.headSha, first.headSha, second.headSha]
        )
        const third = yield* push("four")
        yield* until(checksOf(served, pull, third.headSha), ([check]) => check?.conclusion === "neutral")
        assert.isEmpty(yield* answersOn(served, pull))
      }),
    patience
  )
})

describe("a review that was asked for while reviews are paused", () => {
  it.scopedLive(
    "is made of the head that a push brings in between",
    () =>
      Effect.gen(function* () {
        const { pull, served } = yield* reviewed
        yield* say(served, pull, "/holdfast pause")
        yield* commandsOver(served, 1)
        const held = yield* served.models.faults.add({ fault: { _tag: "Hold" } })
        yield* say(served, pull, "/holdfast review full")
        yield* until(jobsLike(served, "review"), (jobs) => jobs[1]?.status === "processing")
        const pushed = yield* Effect.orDie(
          served.sandbox.pulls.push(pull, { content: { edit: { "src/b.ts": "const WRONG_two = 2\n" } } })
        )
        yield* held.release
        const reviews = yield* reviewsOf(served, pull, 2)
        assert.strictEqual(reviews[1]?.commitSha, pushed.headSha)
        const jobs = yield* until(jobsLike(served, "review"), (all) => all[2]?.status === "completed")
        assert.deepStrictEqual(
          jobs.map(({ status }) => status),
          ["completed", "cancelled", "completed"]
        )
      }),
    patience
  )
})

describe("dismiss", () => {
  it.scopedLive(
    "drops the finding that its comment names, and says what it could not find",
    () =>
      Effect.gen(function* () {
        const { pull, served } = yield* reviewed
        const [thread] = yield* served.sandbox.view.threads(pull)
        const [, fingerprint = ""] = /holdfast:finding:v1:([0-9a-f]{32})/.exec(thread?.first.body ?? "") ?? []
        const name = fingerprint.slice(0, 8)
        yield* say(served, pull, `/holdfast dismiss ${name.slice(0, 6).toUpperCase()}, ffffffff nonsense`)
        yield* commandsOver(served, 1)
        const [answer = ""] = yield* answersOn(served, pull)
        assert.include(answer, `Dismissed: \`${name}\``)
        assert.include(answer, "2 of the names fit no finding")
        assert.notMatch(answer, /ffffffff|nonsense/)
        const rows = yield* served.query<{ readonly fingerprint: string; readonly dismissed_by: string }>(
          "select fingerprint, dismissed_by from dismissals"
        )
        assert.deepStrictEqual(rows, [{ fingerprint, dismissed_by: "ann" }])
        yield* say(served, pull, "/holdfast review full")
        yield* reviewsOf(served, pull, 2)
        const [check] = (yield* checksOver(served, pull, pull.headSha)).slice(-1)
        assert.strictEqual(check?.conclusion, "success")
      }),
    patience
  )

  it.scopedLive(
    "needs no name in the finding's own thread, where other commands work too",
    () =>
      Effect.gen(function* () {
        const { pull, served } = yield* reviewed
        const { sandbox } = served
        const [thread] = yield* sandbox.view.threads(pull)
        const first = thread?.first.id ?? 0
        const reply = (body: string, login = "ann") =>
          Effect.orDie(sandbox.pulls.reply(pull, first, { login, body }))
        yield* reply("/holdfast dismiss", "stranger")
        yield* reply("Why?\n/holdfast dismiss")
        const said = yield* reply("/holdfast dismiss")
        yield* reply("/holdfast help")
        const jobs = yield* commandsOver(served, 3)
        assert.deepStrictEqual(
          jobs.map(({ status }) => status),
          ["cancelled", "completed", "completed"]
        )
        const [, fingerprint = ""] = /holdfast:finding:v1:([0-9a-f]{32})/.exec(thread?.first.body ?? "") ?? []
        const [dismissed, help, ...others] = yield* answersOn(served, pull)
        assert.include(dismissed, `Dismissed: \`${fingerprint.slice(0, 8)}\`.`)
        assert.match(help ?? "", /dismiss/)
        assert.isEmpty(others)
        const rows = yield* served.query("select fingerprint, dismissed_by from dismissals")
        assert.deepStrictEqual(rows, [{ fingerprint, dismissed_by: "ann" }])
        const [after] = yield* sandbox.view.threads(pull)
        assert.deepStrictEqual(
          after?.replies.map(({ reactions }) => reactions.map(({ content }) => content)),
          [[], [], ["eyes"], ["eyes"]]
        )
        assert.strictEqual(after?.replies[2]?.id, said.commentId)
        // On the whole there is no finding to be meant.
        yield* say(served, pull, "/holdfast dismiss")
        yield* commandsOver(served, 4)
        assert.include((yield* answersOn(served, pull))[2], "Nothing was dismissed.")
      }),
    patience
  )
})
