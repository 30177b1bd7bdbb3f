/** kill -9 at each request of the publish protocol, before it applies and after; then the process is started again. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schedule } from "effect"
import { install, oneFinding } from "./Installed.ts"

const review = "/repos/{owner}/{repo}/pulls/{pull_number}/reviews"

/** Each request once, by its place in an undisturbed review. */
const protocol = [
  { what: "reading the check runs", method: "GET", path: "/repos/{owner}/{repo}/commits/{ref}/check-runs" },
  { what: "creating the check run", method: "POST", path: "/repos/{owner}/{repo}/check-runs" },
  { what: "reading the reviews", method: "GET", path: review },
  {
    what: "looking whether the head stands",
    method: "GET",
    path: "/repos/{owner}/{repo}/pulls/{pull_number}",
    nth: 2
  },
  { what: "creating the pending review", method: "POST", path: review },
  { what: "submitting it", method: "POST", path: `${review}/{review_id}/events` },
  {
    what: "completing the check run",
    method: "PATCH",
    path: "/repos/{owner}/{repo}/check-runs/{check_run_id}"
  }
] as const

// Most of the time of each passes until a dead worker is known to be dead.
describe.concurrent("a kill at any request leaves one visible review and nothing pending", () => {
  for (const { what, ...request } of protocol) {
    for (const when of ["before", "after"] as const) {
      it.scopedLive(
        `${what}, ${when} it applies`,
        () =>
          Effect.gen(function* () {
            const installed = yield* install()
            const { sandbox } = installed
            const first = yield* installed.serve
            const held = yield* sandbox.faults.add({ fault: { _tag: "Hold", when }, ...request })
            const pull = yield* Effect.orDie(sandbox.pulls.open({ content: oneFinding }))
            yield* sandbox.journal.awaitRequest({
              ...request,
              stage: when === "before" ? "received" : "applied"
            })
            yield* first.signal("SIGKILL")
            yield* first.ended
            yield* held.remove

            yield* installed.serve
            yield* sandbox.view.checkRuns(pull).pipe(
              Effect.filterOrFail((checks) => checks.some((check) => check.status === "completed")),
              Effect.retry(Schedule.spaced("50 millis"))
            )
            const reviews = yield* sandbox.view.allReviews(pull)
            assert.deepStrictEqual(
              reviews.map((one) => [one.state, one.comments.length]),
              [["COMMENTED", 1]]
            )
            const checks = yield* sandbox.view.checkRuns(pull)
            assert.deepStrictEqual(
              checks.map((check) => check.conclusion),
              ["neutral"]
            )
          }),
        120_000
      )
    }
  }
})
