/** The files of a commit: path with forward slashes → bytes. */

import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import { Effect } from "effect"

export type FileTree = ReadonlyMap<string, Uint8Array>

const encoder = new TextEncoder()

/** A tree from plain text, as tests and the control API give it. */
export const fromRecord = (files: { readonly [path: string]: string | Uint8Array }): FileTree =>
  new Map(
    Object.entries(files).map(([path, content]) => [
      path,
      typeof content === "string" ? encoder.encode(content) : content
    ])
  )

/** The tree with some files replaced or added, and those given as null removed. */
export const edit = (
  tree: FileTree,
  changes: { readonly [path: string]: string | Uint8Array | null }
): FileTree => {
  const next = new Map(tree)
  for (const [path, content] of Object.entries(changes)) {
    if (content === null) next.delete(path)
    else next.set(path, typeof content === "string" ? encoder.encode(content) : content)
  }
  return next
}

/** Reads a folder. `.git` is left out. */
export const fromFolder: (
  folder: string
) => Effect.Effect<FileTree, PlatformError, FileSystem.FileSystem | Path.Path> = Effect.fn(
  "FileTree.fromFolder"
)(function* (folder: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const tree = new Map<string, Uint8Array>()
  const walk = (relative: string): Effect.Effect<void, PlatformError> =>
    Effect.gen(function* () {
      for (const name of yield* files.readDirectory(path.join(folder, relative))) {
        if (name === ".git") continue
        const inside = relative === "" ? name : `${relative}/${name}`
        const info = yield* files.stat(path.join(folder, inside))
        if (info.type === "Directory") yield* walk(inside)
        else if (info.type === "File") {
          tree.set(inside, Uint8Array.from(yield* files.readFile(path.join(folder, inside))))
        }
      }
    })
  yield* walk("")
  return tree
})
