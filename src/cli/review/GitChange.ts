/** A change in a git repository: the diff, and the files before and after it. */
import * as nodePath from "node:path"
import type { CommandExecutor } from "@effect/platform/CommandExecutor"
import * as FileSystem from "@effect/platform/FileSystem"
import { Effect, Either, Option } from "effect"
import type { ChangedFile } from "../../review/Diff.ts"
import { withoutMail } from "../../review/MailedPatches.ts"
import type { ChangeSource } from "../../review/Material.ts"
import { parseGitDiff } from "../../review/ParseGitDiff.ts"
import { CommandFailed } from "../Failure.ts"
import * as Git from "./Git.ts"
import { withUntracked } from "./Untracked.ts"

/** Where a change leads to. */
export type After =
  | { readonly _tag: "Commit"; readonly sha: string }
  | { readonly _tag: "Index" }
  | { readonly _tag: "WorkingTree" }

export interface GitChange {
  readonly before: string
  readonly after: After
  /** The top folder of the working tree; the current folder for a range, which needs none. */
  readonly root: string
}

/** A file of a tree: its content's id, and how many bytes that has. */
interface Entry {
  readonly id: string
  readonly size: number
}

/** As GitHub gives no content of a file over 1 MB. */
const maxText = 1024 * 1024

const diffOptions = [
  "--patch",
  "--no-color",
  "--no-ext-diff",
  "--no-textconv",
  "--no-relative",
  "--src-prefix=a/",
  "--dst-prefix=b/",
  "--find-renames",
  "--submodule=short",
  "--ignore-submodules=dirty",
  "--unified=3",
  "--inter-hunk-context=0",
  "-O/dev/null"
]

/** Left out of a diff by git itself; what the file has in the working tree follows all the same. */
const unmerged = /^\* Unmerged path .*\n?/gm

const diffOf = ({ after, before, root }: GitChange) => {
  const diff = (more: ReadonlyArray<string>, index?: string) =>
    Git.text(["diff", ...diffOptions, ...more, "--"], {
      cwd: root,
      ...(index === undefined ? {} : { index })
    })
  switch (after._tag) {
    case "Commit":
      return diff([before, after.sha])
    case "Index":
      return Effect.flatMap(diff(["--cached", before]), (text) =>
        text.search(unmerged) < 0
          ? Effect.succeed(text)
          : Effect.fail(
              new CommandFailed({
                message:
                  "There are unmerged files, so nothing of them is staged. Resolve the conflicts, or review the working tree: holdfast review"
              })
            )
      )
    case "WorkingTree":
      return withUntracked(root, (index) => diff([before], index)).pipe(
        Effect.map((text) => text.replaceAll(unmerged, ""))
      )
  }
}

const readDiff = (text: string) =>
  Effect.mapError(
    parseGitDiff(text),
    (reason) => new CommandFailed({ message: `What git diff printed can't be read: ${reason}.` })
  )

const entryAt = (root: string, tree: string, path: string) =>
  Effect.map(Git.text(["ls-tree", "-l", "-z", "--full-tree", tree, "--", path], { cwd: root }), (listed) => {
    const [, id, size] = /^100\d{3} blob ([0-9a-f]+) +(\d+)\t/.exec(listed) ?? []
    return id === undefined ? Option.none<Entry>() : Option.some<Entry>({ id, size: Number(size) })
  })

const textAt = (root: string, tree: string, path: string) =>
  Effect.flatMap(entryAt(root, tree, path), (entry) =>
    Effect.transposeMapOption(
      Option.filter(entry, ({ size }) => size <= maxText),
      ({ id }) => Git.text(["cat-file", "blob", id], { cwd: root })
    )
  )

const sizeAfter = (
  { after, root }: GitChange,
  path: string
): Effect.Effect<Option.Option<number>, CommandFailed, CommandExecutor | FileSystem.FileSystem> => {
  switch (after._tag) {
    case "Commit":
      return Effect.map(
        entryAt(root, after.sha, path),
        Option.map(({ size }) => size)
      )
    case "Index":
      return Effect.map(
        Git.line(["cat-file", "-s", `:0:${path}`], { cwd: root }),
        Option.map((size) => Number(size))
      )
    case "WorkingTree":
      return FileSystem.FileSystem.pipe(
        Effect.flatMap((fs) => fs.stat(nodePath.join(root, path))),
        Effect.option,
        Effect.map(Option.filter(({ type }) => type === "File")),
        Effect.map(Option.map(({ size }) => Number(size)))
      )
  }
}

/** The change as the reviewer reads it. */
export const sourceOf = (change: GitChange) =>
  Effect.map(
    Effect.context<CommandExecutor | FileSystem.FileSystem>(),
    (context): ChangeSource<CommandFailed> => ({
      files: diffOf(change).pipe(Effect.flatMap(readDiff), Effect.provide(context)),
      textBefore: (path) => Effect.provide(textAt(change.root, change.before, path), context),
      sizeAfter: (path) => Effect.provide(sizeAfter(change, path), context)
    })
  )

/** The same file twice is several commits, whose line numbers are of different times. */
const onceEach = (files: ReadonlyArray<ChangedFile>) => {
  const paths = files.map(({ path }) => path)
  const twice = paths.find((path, at) => paths.indexOf(path) < at)
  return twice === undefined ? Either.right(files) : Either.left(`it has the file "${twice}" twice`)
}

const nothingBefore = { textBefore: () => Effect.succeedNone, sizeAfter: () => Effect.succeedNone }

/** A patch alone, or mails with patches, of whose files nothing else is known. */
export const sourceOfPatch = (text: string): ChangeSource<CommandFailed> => ({
  files: withoutMail(text).pipe(
    Either.flatMap(parseGitDiff),
    Either.flatMap(onceEach),
    Either.match({
      onLeft: (reason) =>
        Effect.fail(
          new CommandFailed({
            message: `The patch can't be read: ${reason}. Make it with git diff, with the prefixes a/ and b/.`
          })
        ),
      onRight: Effect.succeed
    })
  ),
  ...nothingBefore
})
