/** Files that git does not know yet, as part of a diff. */
import * as FileSystem from "@effect/platform/FileSystem"
import { Effect, Option } from "effect"
import { CommandFailed } from "../Failure.ts"
import * as Git from "./Git.ts"

/** A folder with a repository of its own ends with a slash; it is not this repository's. */
const isFile = (path: string) => path !== "" && !path.endsWith("/")

const noCopy = new CommandFailed({
  message: "The repository's index could not be copied into a temporary folder. Is the disk full?"
})

/**
 * As old as the original, or a moment older: by its index's time git tells whether a file that looks unchanged could have
 * been written since (https://git-scm.com/docs/racy-git), and a newer copy hides changes.
 */
const copyIndex = (from: string, to: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const { mtime } = yield* fs.stat(from)
    yield* fs.copyFile(from, to)
    const seconds = Math.floor(Option.getOrElse(mtime, () => new Date(1000)).getTime() / 1000)
    yield* fs.utimes(to, seconds, seconds)
  })

/** Gives a copy of the index in which they stand as files to be added: the repository's own is not touched. */
export const withUntracked = <A, E, R>(
  root: string,
  use: (index: string | undefined) => Effect.Effect<A, E, R>
) =>
  Effect.gen(function* () {
    const listed = yield* Git.text(["ls-files", "--others", "--exclude-standard", "-z"], { cwd: root })
    const untracked = listed.split("\0").filter(isFile)
    if (untracked.length === 0) return yield* use(undefined)
    const fs = yield* FileSystem.FileSystem
    const folder = yield* Effect.mapError(fs.makeTempDirectoryScoped({ prefix: "holdfast-" }), () => noCopy)
    const index = `${folder}/index`
    const own = yield* Git.line(["rev-parse", "--path-format=absolute", "--git-path", "index"], { cwd: root })
    // A repository in which nothing was ever added has none.
    if (Option.isSome(own) && (yield* Effect.orElseSucceed(fs.exists(own.value), () => false))) {
      yield* Effect.mapError(copyIndex(own.value, index), () => noCopy)
    }
    yield* Git.bytes(["add", "--intent-to-add", "--pathspec-from-file=-", "--pathspec-file-nul"], {
      cwd: root,
      index,
      input: new TextEncoder().encode(untracked.map((path) => `${path}\0`).join(""))
    })
    return yield* use(index)
  }).pipe(Effect.scoped)
