/** Files at a commit. https://docs.github.com/en/rest/repos/contents */
import { Either } from "effect"
import { blobId } from "../git/ObjectId.ts"
import type { Commit, Repository } from "../github/GithubState.ts"
import { notFound, Rejection } from "../github/Rejection.ts"
import { renderFileContent, renderFolder } from "../rendered/RenderedContent.ts"
import { repositoryApiUrl } from "../rendered/RenderedRepository.ts"
import { nodeId } from "../rendered/Urls.ts"
import { ok, operation } from "./Operation.ts"
import { repositoryOf } from "./PullOperations.ts"

/** A commit by its id, or by the name of a branch. */
export const commitOf = (repository: Repository, ref: string): Either.Either<Commit, Rejection> => {
  const sha = repository.branches.get(ref.replace(/^refs\/heads\/|^heads\//, "")) ?? ref
  return Either.fromNullable(
    repository.commits.get(sha),
    () => new Rejection({ status: 404, message: `No commit found for the ref ${ref}` })
  )
}

const getContent = operation({
  id: "repos/get-content",
  method: "GET",
  path: "/repos/{owner}/{repo}/contents/{path}",
  access: "token",
  docs: "repos/contents#get-repository-content",
  run: (request, state) =>
    Either.gen(function* () {
      const [, repository] = yield* repositoryOf(request, state, "contents")
      const ref = request.query.get("ref") ?? repository.defaultBranch
      const { tree, sha, treeSha } = yield* commitOf(repository, ref)
      const path = (request.params["path"] ?? "").replace(/\/+$/, "")
      const file = tree.get(path)
      if (file !== undefined) return ok(renderFileContent(repository, ref, path, file, request.urls))
      const entries = renderFolder(repository, ref, path, tree, request.urls)
      if (entries === undefined) return yield* Either.left(notFound)
      if (!request.accept.includes("application/vnd.github.object")) return ok(entries)
      const self = `${repositoryApiUrl(repository, request.urls)}/contents/${path}?ref=${sha}`
      const links = { self, git: null, html: null }
      return ok({
        type: "dir",
        size: 0,
        name: path.split("/").at(-1) ?? "",
        path,
        sha: treeSha,
        url: self,
        git_url: null,
        html_url: null,
        download_url: null,
        _links: links,
        entries
      })
    })
})

const getBlob = operation({
  id: "git/get-blob",
  method: "GET",
  path: "/repos/{owner}/{repo}/git/blobs/{file_sha}",
  access: "token",
  docs: "git/blobs#get-a-blob",
  run: (request, state) =>
    Either.gen(function* () {
      const [, repository] = yield* repositoryOf(request, state, "contents")
      const sha = request.params["file_sha"] ?? ""
      for (const commit of repository.commits.values()) {
        for (const content of commit.tree.values()) {
          if (blobId(content) !== sha) continue
          return ok({
            sha,
            node_id: nodeId("B", sha),
            size: content.byteLength,
            url: `${repositoryApiUrl(repository, request.urls)}/git/blobs/${sha}`,
            content: Buffer.from(content).toString("base64"),
            encoding: "base64"
          })
        }
      }
      return yield* Either.left(notFound)
    })
})

export const contentOperations = [getContent, getBlob]
