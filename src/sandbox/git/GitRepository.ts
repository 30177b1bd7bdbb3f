/** A pull request from a real repository on disk, read with the `git` command. */
import * as Command from "@effect/platform/Command"
import type * as CommandExecutor from "@effect/platform/CommandExecutor"
import type { PlatformError } from "@effect/platform/Error"
import { Chunk, Data, Effect, Stream } from "effect"
import type { FileChange } from "./FileChange.ts"
import type { FileTree } from "./FileTree.ts"

/** Git refused, or answered what can't be read. */
export class GitFailed extends Data.TaggedError("GitFailed")<{ readonly message: string }> {}

/** A tree larger than this is not held in memory. */
const maxTreeBytes = 256 * 1024 * 1024

const run = (repository: string, ...args: ReadonlyArray<string>) =>
  // Settings of the user must not change what git prints.
  Command.make("git", "-c", "core.quotePath=false", "-c", "diff.noprefix=false", ...args).pipe(
    Command.workingDirectory(repository),
    Command.env({ GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" })
  )

const collect = (command: Command.Command): Effect.Effect<Buffer, GitFailed | PlatformError, Executor> =>
  Effect.scoped(
    Effect.gen(function* () {
      const process = yield* Command.start(command)
      const [out, err, code] = yield* Effect.all(
        [
          Stream.runCollect(process.stdout),
          process.stderr.pipe(Stream.decodeText(), Stream.mkString),
          process.exitCode
        ],
        { concurrency: "unbounded" }
      )
      if (code !== 0) return yield* new GitFailed({ message: err.trim() })
      return Buffer.concat(Chunk.toReadonlyArray(out))
    })
  )

type Executor = CommandExecutor.CommandExecutor

const text = (command: Command.Command) => collect(command).pipe(Effect.map((out) => out.toString("utf8")))

/** What `git rev-parse` makes of a ref: the id of a commit. */
export const resolve = Effect.fn("GitRepository.resolve")(function* (repository: string, ref: string) {
  return (yield* text(run(repository, "rev-parse", "--verify", `${ref}^{commit}`))).trim()
})

/** Where the branch of a pull request left its base; GitHub's diff starts there. */
export const mergeBase = Effect.fn("GitRepository.mergeBase")(function* (
  repository: string,
  base: string,
  head: string
) {
  return (yield* text(run(repository, "merge-base", base, head))).trim()
})

/** Commits on the branch since it left its base. */
export const countCommits = Effect.fn("GitRepository.countCommits")(function* (
  repository: string,
  base: string,
  head: string
) {
  return Number(yield* text(run(repository, "rev-list", "--count", `${base}..${head}`)))
})

/** All files of a commit. Links and submodules are left out. */
export const readTree: (
  repository: string,
  commit: string
) => Effect.Effect<FileTree, GitFailed | PlatformError, Executor> = Effect.fn("GitRepository.readTree")(
  function* (repository: string, commit: string) {
    const listing = yield* text(run(repository, "ls-tree", "-r", "-z", "-l", "--full-tree", commit))
    const entries = listing
      .split("\0")
      .map((line) => /^100\d{3} blob ([0-9a-f]+) +(\d+)\t(.+)$/s.exec(line))
      .flatMap((match) => {
        const [, id, size, path] = match ?? []
        return id && path ? [{ id, path, size: Number(size) }] : []
      })
    if (entries.reduce((sum, entry) => sum + entry.size, 0) > maxTreeBytes) {
      return yield* new GitFailed({ message: `the files of ${commit} are over 256 MB together` })
    }
    if (entries.length === 0) return new Map()
    const blobs = yield* collect(
      run(repository, "cat-file", "--batch").pipe(
        Command.feed(`${entries.map((entry) => entry.id).join("\n")}\n`)
      )
    )
    const tree = new Map<string, Uint8Array>()
    let at = 0
    for (const entry of entries) {
      // Each answer is a line "<id> blob <size>", the bytes and a line end.
      const start = blobs.indexOf(10, at) + 1
      tree.set(entry.path, Uint8Array.from(blobs.subarray(start, start + entry.size)))
      at = start + entry.size + 1
    }
    return tree
  }
)

const statuses: { readonly [letter: string]: FileChange["status"] } = {
  A: "added",
  D: "removed",
  M: "modified",
  R: "renamed",
  T: "changed"
}

/** `git diff --raw -z`: for each file modes, ids and status, then its path, or its two paths for a rename. */
const parseRaw = (raw: string): ReadonlyArray<Omit<FileChange, "additions" | "deletions" | "patch">> => {
  const fields = raw.split("\0")
  const files: Array<Omit<FileChange, "additions" | "deletions" | "patch">> = []
  for (let at = 0; at + 1 < fields.length; ) {
    const [, , oldBlob = "", newBlob = "", status = ""] = (fields[at++] ?? "").split(" ")
    const first = fields[at++] ?? ""
    const renamed = status.startsWith("R")
    const path = renamed ? (fields[at++] ?? "") : first
    files.push({
      path,
      previousPath: renamed ? first : undefined,
      status: statuses[status.charAt(0)] ?? "changed",
      blob: status === "D" ? oldBlob : newBlob
    })
  }
  return files
}

const parsePatch = (section: string): Pick<FileChange, "additions" | "deletions" | "patch"> => {
  const lines = section.replace(/\n$/, "").split("\n")
  const first = lines.findIndex((line) => line.startsWith("@@ "))
  if (first < 0) return { additions: 0, deletions: 0, patch: undefined }
  const hunks = lines.slice(first)
  return {
    additions: hunks.filter((line) => line.startsWith("+")).length,
    deletions: hunks.filter((line) => line.startsWith("-")).length,
    patch: hunks.join("\n")
  }
}

/** The changes between two commits, renames found. */
export const diffCommits: (
  repository: string,
  from: string,
  to: string
) => Effect.Effect<ReadonlyArray<FileChange>, GitFailed | PlatformError, Executor> = Effect.fn(
  "GitRepository.diffCommits"
)(function* (repository: string, from: string, to: string) {
  const diff = (...args: ReadonlyArray<string>) =>
    text(run(repository, "diff", "--no-color", "--no-ext-diff", "--no-textconv", "-M", ...args, from, to))
  const files = parseRaw(yield* diff("--raw", "-z", "--no-abbrev"))
  // Lines of content start with a space, a sign or a backslash, so this splits between files only. A file whose type
  // changed has two sections; it is the only kind that does, and is seldom enough to be left without a patch.
  const sections = (yield* diff("--patch")).split(/^(?=diff --git )/m).filter((part) => part !== "")
  let at = 0
  return files.map((file) => {
    const own = parsePatch(sections[at] ?? "")
    at += file.status === "changed" ? 2 : 1
    return { ...file, ...(file.status === "changed" ? { ...own, patch: undefined } : own) }
  })
})
