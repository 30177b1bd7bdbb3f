/** https://docs.github.com/en/rest/commits/commits#compare-two-commits */
import { Either } from "effect"
import { relate } from "../git/History.ts"
import type { Commit, Repository } from "../github/GithubState.ts"
import { notFound, Rejection } from "../github/Rejection.ts"
import { renderComparison } from "../rendered/RenderedComparison.ts"
import { commitOf } from "./ContentOperations.ts"
import { ok, operation } from "./Operation.ts"
import { page } from "./Pages.ts"
import { repositoryOf } from "./PullOperations.ts"

/** A comparison does not say which of the two it did not find. */
const find = (repository: Repository, ref: string): Either.Either<Commit, Rejection> =>
  Either.mapLeft(commitOf(repository, ref), () => notFound)

const compare = operation({
  id: "repos/compare-commits-with-basehead",
  method: "GET",
  path: "/repos/{owner}/{repo}/compare/{basehead}",
  access: "token",
  docs: "commits/commits#compare-two-commits",
  run: ({ query, url, urls, ...request }, state) =>
    Either.gen(function* () {
      const [, repository] = yield* repositoryOf({ query, url, urls, ...request }, state, "contents")
      const [from = "", to] = (request.params["basehead"] ?? "").split("...")
      if (to === undefined) return yield* Either.left(notFound)
      const base = yield* find(repository, from)
      const head = yield* find(repository, to)
      const relation = relate(repository.commits, base.sha, head.sha)
      const mergeBase = repository.commits.get(relation?.mergeBase ?? "")
      if (relation === undefined || mergeBase === undefined) {
        const message = `No common ancestor between ${from} and ${to}.`
        return yield* Either.left(new Rejection({ status: 404, message }))
      }
      const ahead = relation.ahead.flatMap((sha) => repository.commits.get(sha) ?? [])
      const { headers, items } = page(ahead, query, url)
      const isFirstPage = (query.get("page") ?? "1") === "1"
      const compared = { base, head, mergeBase, relation, commits: items, isFirstPage }
      return {
        ...ok(renderComparison(repository, compared, request.settings.patchLimit, urls)),
        headers
      }
    })
})

export const compareOperations = [compare]
