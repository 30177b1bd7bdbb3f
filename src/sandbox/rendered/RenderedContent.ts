/** The answers of `GET /repos/{owner}/{repo}/contents/{path}` */
import type { FileTree } from "../git/FileTree.ts"
import { blobId } from "../git/ObjectId.ts"
import type { Repository } from "../github/GithubState.ts"
import { repositoryApiUrl, repositoryPage } from "./RenderedRepository.ts"
import type { Urls } from "./Urls.ts"

/** Beyond this GitHub answers with an empty `content` and the encoding `none`. */
const maxInlineBytes = 1024 * 1024

const base64Lines = (content: Uint8Array): string =>
  Buffer.from(content)
    .toString("base64")
    .replace(/.{1,60}/g, (line) => `${line}\n`)

interface Entry {
  readonly type: "file" | "dir"
  readonly path: string
  readonly sha: string
  readonly size: number
}

const renderEntry = (repository: Repository, ref: string, entry: Entry, urls: Urls) => {
  const path = entry.path.split("/").map(encodeURIComponent).join("/")
  const self = `${repositoryApiUrl(repository, urls)}/contents/${path}?ref=${ref}`
  const git = `${repositoryApiUrl(repository, urls)}/git/${entry.type === "dir" ? "trees" : "blobs"}/${entry.sha}`
  const html = `${repositoryPage(repository, urls)}/${entry.type === "dir" ? "tree" : "blob"}/${ref}/${path}`
  return {
    type: entry.type,
    name: entry.path.split("/").at(-1) ?? entry.path,
    path: entry.path,
    sha: entry.sha,
    size: entry.size,
    url: self,
    html_url: html,
    git_url: git,
    download_url: entry.type === "dir" ? null : `${repositoryPage(repository, urls)}/raw/${ref}/${path}`,
    _links: { self, git, html }
  }
}

export const renderFileContent = (
  repository: Repository,
  ref: string,
  path: string,
  content: Uint8Array,
  urls: Urls
) => ({
  ...renderEntry(
    repository,
    ref,
    { type: "file", path, sha: blobId(content), size: content.byteLength },
    urls
  ),
  ...(content.byteLength <= maxInlineBytes
    ? { content: base64Lines(content), encoding: "base64" }
    : { content: "", encoding: "none" })
})

/** What is directly inside a folder; undefined when there is no such folder. */
export const renderFolder = (
  repository: Repository,
  ref: string,
  path: string,
  tree: FileTree,
  urls: Urls
) => {
  const prefix = path === "" ? "" : `${path}/`
  const inside = new Map<string, Entry>()
  for (const [file, content] of tree) {
    if (!file.startsWith(prefix)) continue
    const [name = "", ...deeper] = file.slice(prefix.length).split("/")
    const whole = `${prefix}${name}`
    if (deeper.length > 0) {
      inside.set(name, { type: "dir", path: whole, sha: blobId(Buffer.from(whole)), size: 0 })
    } else {
      inside.set(name, { type: "file", path: whole, sha: blobId(content), size: content.byteLength })
    }
  }
  return inside.size === 0
    ? undefined
    : [...inside.values()].map((entry) => renderEntry(repository, ref, entry, urls))
}
