/** Git's own object ids (SHA-1 over a header and the content), so that every id here is one that git would give. */
import { createHash } from "node:crypto"
import type { FileTree } from "./FileTree.ts"

const objectId = (kind: "blob" | "tree" | "commit", content: Uint8Array): string =>
  createHash("sha1").update(`${kind} ${content.byteLength}\0`).update(content).digest("hex")

/** The id of a file's content. */
export const blobId = (content: Uint8Array): string => objectId("blob", content)

interface Directory {
  readonly files: Map<string, Uint8Array>
  readonly folders: Map<string, Directory>
}

const emptyDirectory = (): Directory => ({ files: new Map(), folders: new Map() })

const nest = (tree: FileTree): Directory => {
  const root = emptyDirectory()
  for (const [path, content] of tree) {
    const names = path.split("/")
    const last = names.pop() ?? path
    let folder = root
    for (const name of names) {
      const known = folder.folders.get(name) ?? emptyDirectory()
      folder.folders.set(name, known)
      folder = known
    }
    folder.files.set(last, content)
  }
  return root
}

const directoryId = (directory: Directory): string => {
  const entries = [
    ...[...directory.files].map(([name, content]) => ({
      name,
      order: name,
      mode: "100644",
      id: blobId(content)
    })),
    // Git orders a folder as if its name ended in a slash.
    ...[...directory.folders].map(([name, inside]) => ({
      name,
      order: `${name}/`,
      mode: "40000",
      id: directoryId(inside)
    }))
  ].sort((a, b) => Buffer.compare(Buffer.from(a.order), Buffer.from(b.order)))
  return objectId(
    "tree",
    Buffer.concat(
      entries.map((entry) =>
        Buffer.concat([Buffer.from(`${entry.mode} ${entry.name}\0`), Buffer.from(entry.id, "hex")])
      )
    )
  )
}

/** The id of a tree of ordinary files. */
export const treeId = (tree: FileTree): string => directoryId(nest(tree))

/** The id of a commit. `at` is in milliseconds since 1970. */
export const commitId = (commit: {
  readonly tree: string
  readonly parents: ReadonlyArray<string>
  readonly author: string
  readonly message: string
  readonly at: number
}): string => {
  const who = `${commit.author} <${commit.author}@users.noreply.github.com> ${Math.floor(commit.at / 1000)} +0000`
  const lines = [
    `tree ${commit.tree}`,
    ...commit.parents.map((parent) => `parent ${parent}`),
    `author ${who}`,
    `committer ${who}`,
    "",
    commit.message
  ]
  return objectId("commit", Buffer.from(`${lines.join("\n")}\n`))
}
