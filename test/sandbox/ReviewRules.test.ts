import { describe, expect, it } from "@effect/vitest"
import { Either, FastCheck } from "effect"
import { fromRecord } from "../../src/sandbox/git/FileTree.ts"
import type { Account, GithubState, PullRequest, Review } from "../../src/sandbox/github/GithubState.ts"
import { initialState } from "../../src/sandbox/github/InitialState.ts"
import { openPull } from "../../src/sandbox/github/Pulls.ts"
import {
  createReview,
  deletePendingReview,
  submitReview,
  visibleReviews
} from "../../src/sandbox/github/Reviews.ts"

const authors: ReadonlyArray<Account> = [
  { id: 1, login: "one[bot]", type: "Bot" },
  { id: 2, login: "two", type: "User" }
]

const start = (): readonly [PullRequest, GithubState] =>
  Either.getOrThrow(
    openPull(
      initialState({
        appId: 1,
        slug: "holdfast",
        publicKey: "",
        owner: "acme",
        repo: "shop",
        permissions: {},
        now: 0
      }),
      {
        repository: "acme/shop",
        title: "A change",
        body: null,
        author: { id: 3, login: "octocat", type: "User" },
        draft: false,
        labels: [],
        headBranch: "change",
        baseBranch: "main",
        base: { tree: fromRecord({}) },
        head: { tree: fromRecord({ "a.txt": "a\n" }) },
        now: 0
      }
    )
  )

/** What somebody does: create (perhaps at once visible), or submit or delete the review of that index. */
const step = FastCheck.record({
  author: FastCheck.constantFrom(0, 1),
  action: FastCheck.constantFrom("create", "publish", "submit", "delete"),
  target: FastCheck.nat({ max: 5 })
})

describe("whatever people do with reviews", () => {
  it("nobody has two pending ones, nobody sees those of others, and what was seen stays", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.array(step, { maxLength: 30 }), (steps) => {
        const [pull, initial] = start()
        let state = initial
        for (const { author, action, target } of steps) {
          const who = authors[author] ?? pull.author
          const before = visibleReviews(state, pull, undefined)
          const review: Review | undefined = [...state.reviews.values()].filter(
            (one) => one.author.id === who.id
          )[target]
          const event = "COMMENT" as const
          const outcome =
            action === "create" || action === "publish"
              ? createReview(state, pull, {
                  author: who,
                  commitSha: undefined,
                  body: "x",
                  event: action === "publish" ? event : undefined,
                  comments: [],
                  now: 1
                })
              : review === undefined
                ? undefined
                : action === "submit"
                  ? submitReview(state, pull, review, { event, body: undefined, now: 2 })
                  : deletePendingReview(state, review)
          if (outcome !== undefined && Either.isRight(outcome)) state = outcome.right[1]

          const all = [...state.reviews.values()]
          for (const one of authors) {
            const pending = all.filter((other) => other.state === "PENDING" && other.author.id === one.id)
            expect(pending.length).toBeLessThanOrEqual(1)
            const seen = visibleReviews(state, pull, one.login)
            expect(seen.every((other) => other.state !== "PENDING" || other.author.id === one.id)).toBe(true)
          }
          const now = visibleReviews(state, pull, undefined)
          for (const known of before) expect(now).toContainEqual(known)
          for (const one of all) expect(one.submittedAt === null).toBe(one.state === "PENDING")
        }
      }),
      { numRuns: 200 }
    )
  })
})
