/** What an app asks about itself. https://docs.github.com/en/rest/apps/apps */
import { Either, Schema } from "effect"
import { repositoryKey } from "../github/GithubState.ts"
import { installationOf } from "../github/Installations.ts"
import { createToken } from "../github/InstallationTokens.ts"
import { notFound } from "../github/Rejection.ts"
import { renderApp, renderInstallation, renderToken } from "../rendered/RenderedApp.ts"
import { renderRepository } from "../rendered/RenderedRepository.ts"
import { created, decodeBody, ok, operation } from "./Operation.ts"
import { page } from "./Pages.ts"

const TokenBody = Schema.Struct({
  repositories: Schema.optional(Schema.Array(Schema.String)),
  repository_ids: Schema.optional(Schema.Array(Schema.Int)),
  permissions: Schema.optional(Schema.Unknown)
})

const getApp = operation({
  id: "apps/get-authenticated",
  method: "GET",
  path: "/app",
  access: "app",
  docs: "apps/apps#get-the-authenticated-app",
  run: (request, state) => Either.right(ok(renderApp(state, request.urls)))
})

const createAccessToken = operation({
  id: "apps/create-installation-access-token",
  method: "POST",
  path: "/app/installations/{installation_id}/access_tokens",
  access: "app",
  docs: "apps/apps#create-an-installation-access-token-for-an-app",
  run: (request, state) =>
    Either.gen(function* () {
      const body = yield* decodeBody(TokenBody, request.body)
      const text = `ghs_${request.random}`
      const [token, next] = yield* createToken(state, {
        installation: Number(request.params["installation_id"]),
        repositories: body.repositories ?? body.repository_ids,
        token: text,
        expiresAt: request.now + request.settings.tokenLifetimeMillis
      })
      return created(renderToken(state, text, token), next)
    })
})

const listInstallations = operation({
  id: "apps/list-installations",
  method: "GET",
  path: "/app/installations",
  access: "app",
  docs: "apps/apps#list-installations-for-the-authenticated-app",
  run: (request, state) => {
    const { items, headers } = page([...state.installations.values()], request.query, request.url)
    return Either.right({
      ...ok(items.map((one) => renderInstallation(state, one, request.urls))),
      headers
    })
  }
})

const getInstallation = operation({
  id: "apps/get-installation",
  method: "GET",
  path: "/app/installations/{installation_id}",
  access: "app",
  docs: "apps/apps#get-an-installation-for-the-authenticated-app",
  run: (request, state) =>
    Either.map(
      Either.fromNullable(state.installations.get(Number(request.params["installation_id"])), () => notFound),
      (installation) => ok(renderInstallation(state, installation, request.urls))
    )
})

const getRepositoryInstallation = operation({
  id: "apps/get-repo-installation",
  method: "GET",
  path: "/repos/{owner}/{repo}/installation",
  access: "app",
  docs: "apps/apps#get-a-repository-installation-for-the-authenticated-app",
  run: (request, state) => {
    const key = repositoryKey(request.params["owner"] ?? "", request.params["repo"] ?? "")
    const found = installationOf(state, key)
    return found ? Either.right(ok(renderInstallation(state, found, request.urls))) : Either.left(notFound)
  }
})

const listRepositories = operation({
  id: "apps/list-repos-accessible-to-installation",
  method: "GET",
  path: "/installation/repositories",
  access: "token",
  docs: "apps/installations#list-repositories-accessible-to-the-app-installation",
  run: ({ viewer, query, url, urls }, state) => {
    const keys = viewer.kind === "installation" ? viewer.repositories : new Set<string>()
    const all = [...state.repositories].filter(([key]) => keys.has(key))
    const { items, headers } = page(all, query, url)
    const repositories = items.map(([, repository]) => renderRepository(repository, urls))
    return Either.right({ ...ok({ total_count: all.length, repositories }), headers })
  }
})

export const appOperations = [
  getApp,
  createAccessToken,
  listInstallations,
  getInstallation,
  getRepositoryInstallation,
  listRepositories
]
