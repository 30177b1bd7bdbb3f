/** Answers that the sandbox, which plays by GitHub's rules, can't give. */

import type { IncomingMessage, ServerResponse } from "node:http"
import { expect, it } from "@effect/vitest"
import { DateTime, Effect, Option } from "effect"
import { Github } from "../../src/github/Github.ts"
import { type Answer, answering, json } from "./Answering.ts"
import { layerFor } from "./Client.ts"

/** A client of such a server, which hands out tokens besides. */
const clientOf = (...answers: ReadonlyArray<Answer>) =>
  Effect.gen(function* () {
    const { place, requests } = yield* answering(...answers)
    const client = yield* Effect.flatMap(Github, (github) => github.installation(1)).pipe(
      Effect.provide(layerFor(place))
    )
    return { client, requests }
  })

const pull = { owner: "octo", repo: "spoon", pullRequest: 1 }
const review = (id: number) => ({ id, state: "COMMENTED", body: "", user: { login: "x" }, commit_id: "c" })

it.scopedLive("a conflict while reviews are listed is not the end of the list", () =>
  Effect.gen(function* () {
    const { client } = yield* clientOf(json(409, { message: "Conflict" }))
    expect(yield* Effect.flip(client.listReviews(pull))).toMatchObject({
      _tag: "ValidationFailed",
      status: 409
    })
  })
)

it.scopedLive("a full page whose links a proxy took away is not the end of the list", () =>
  Effect.gen(function* () {
    const full = Array.from({ length: 100 }, (_, index) => review(index))
    const { client, requests } = yield* clientOf(json(200, full), json(200, [review(100)]))
    expect(yield* client.listReviews(pull)).toHaveLength(101)
    expect(requests).toHaveLength(2)
  })
)

it.scopedLive("an answer that breaks off is an error, and is asked for again", () =>
  Effect.gen(function* () {
    const broken: Answer = (_request, response) => {
      response.writeHead(200, { "content-type": "application/json", "content-length": "1000" })
      response.write("[]")
      setImmediate(() => response.destroy())
    }
    const { client, requests } = yield* clientOf(broken, json(200, [review(1)]))
    expect(yield* client.listReviews(pull)).toHaveLength(1)
    expect(requests).toHaveLength(2)
  })
)

it.scopedLive.each([
  ["HTML", (_request: IncomingMessage, response: ServerResponse) => response.end("<html>")],
  ["another shape", json(200, { reviews: [] })],
  ["a state that we don't know", json(200, [{ ...review(1), state: "MAYBE" }])],
  ["nothing", json(204, undefined)]
] as const)("%s instead of reviews is unexpected, and never no reviews", ([, answer]) =>
  Effect.gen(function* () {
    const { client } = yield* clientOf(answer)
    expect(yield* Effect.flip(client.listReviews(pull))).toMatchObject({ _tag: "UnexpectedAnswer" })
  })
)

it.scopedLive("a folder, a submodule and a dangling link have no content", () =>
  Effect.gen(function* () {
    const { client } = yield* clientOf(
      json(200, [{ type: "file" }]),
      json(200, { type: "submodule", submodule_git_url: "x" }),
      json(200, { type: "symlink", target: "../x" })
    )
    for (let times = 0; times < 3; times++) {
      expect(yield* client.getContent(pull, "a", "sha")).toEqual(Option.none())
    }
  })
)

it.scopedLive("a repository that has moved is followed, also by a change", () =>
  Effect.gen(function* () {
    const { client, requests } = yield* clientOf(
      (_request, response) =>
        response.writeHead(307, { location: "/repositories/9/pulls/1/reviews" }).end("{}"),
      json(200, { ...review(5), state: "PENDING" })
    )
    const made = yield* client.createPendingReview(pull, { commitSha: "c", body: "", comments: [] })
    expect(made.id).toBe(5)
    expect(requests).toEqual([
      "POST /repos/octo/spoon/pulls/1/reviews",
      "POST /repositories/9/pulls/1/reviews"
    ])
  })
)

it.scopedLive("a clock that is off by hours does not keep the App out", () =>
  Effect.gen(function* () {
    const hours = 3
    const theirs = Math.floor(DateTime.toEpochMillis(yield* DateTime.now) / 1000) + hours * 3600
    const date = new Date(theirs * 1000).toUTCString()
    const claims = ({ headers }: IncomingMessage): { readonly iat: number; readonly exp: number } =>
      JSON.parse(Buffer.from(headers.authorization?.split(".")[1] ?? "", "base64url").toString())
    const strict: Answer = (request, response) => {
      const { exp, iat } = claims(request)
      const good = iat <= theirs && exp > theirs && exp - iat <= 600
      json(good ? 200 : 401, good ? { slug: "holdfast" } : { message: "JWT" }, { date })(request, response)
    }
    const { client, requests } = yield* clientOf(strict)
    expect(yield* client.ownLogin).toBe("holdfast[bot]")
    expect(requests).toHaveLength(2)
  })
)
