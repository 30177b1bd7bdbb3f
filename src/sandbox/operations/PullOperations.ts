/** Reading pull requests. https://docs.github.com/en/rest/pulls/pulls */
import { Either } from "effect"
import { findPull, findRepository } from "../github/Access.ts"
import { type GithubState, headOf } from "../github/GithubState.ts"
import { renderFile, renderPull } from "../rendered/RenderedPull.ts"
import { renderRepository } from "../rendered/RenderedRepository.ts"
import { type ApiRequest, ok, operation } from "./Operation.ts"
import { page } from "./Pages.ts"

/** https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files: "a maximum of 3000 files" */
const maxFiles = 3000

/** The repository of the path, for whom the request comes from. */
export const repositoryOf = (
  { viewer, params }: ApiRequest,
  state: GithubState,
  permission: string,
  level: "read" | "write" = "read"
) => findRepository(state, viewer, params["owner"] ?? "", params["repo"] ?? "", [permission, level])

/** The repository and the pull request of the path. */
export const pullOf = (request: ApiRequest, state: GithubState, level: "read" | "write" = "read") =>
  Either.gen(function* () {
    const [key, repository] = yield* repositoryOf(request, state, "pull_requests", level)
    const pull = yield* findPull(state, key, request.params["pull_number"])
    return { repository, pull }
  })

const getRepository = operation({
  id: "repos/get",
  method: "GET",
  path: "/repos/{owner}/{repo}",
  access: "token",
  docs: "repos/repos#get-a-repository",
  run: (request, state) =>
    Either.map(repositoryOf(request, state, "metadata"), ([, repository]) =>
      ok({
        ...renderRepository(repository, request.urls),
        subscribers_count: 0,
        network_count: 0
      })
    )
})

const getPull = operation({
  id: "pulls/get",
  method: "GET",
  path: "/repos/{owner}/{repo}/pulls/{pull_number}",
  access: "token",
  docs: "pulls/pulls#get-a-pull-request",
  run: (request, state) =>
    Either.map(pullOf(request, state), ({ repository, pull }) =>
      ok(renderPull(state, repository, pull, request.urls))
    )
})

const listFiles = operation({
  id: "pulls/list-files",
  method: "GET",
  path: "/repos/{owner}/{repo}/pulls/{pull_number}/files",
  access: "token",
  docs: "pulls/pulls#list-pull-requests-files",
  run: (request, state) =>
    Either.map(pullOf(request, state), ({ repository, pull }) => {
      const { sha, changes } = headOf(pull)
      const { items, headers } = page(changes.slice(0, maxFiles), request.query, request.url)
      const files = items.map((file) =>
        renderFile(repository, sha, file, request.settings.patchLimit, request.urls)
      )
      return { ...ok(files), headers }
    })
})

export const pullOperations = [getRepository, getPull, listFiles]
