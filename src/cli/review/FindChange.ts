/** What a selection means in the repository around the current folder. */
import { Effect, Option } from "effect"
import { CommandFailed } from "../Failure.ts"
import * as Git from "./Git.ts"
import type { GitChange } from "./GitChange.ts"
import type { Selection } from "./Selection.ts"

export type GitSelection = Exclude<Selection, { readonly _tag: "Patch" | "PullRequest" }>

const inRepository = Effect.gen(function* () {
  const { code, stderr } = yield* Git.run(["rev-parse", "--git-dir"])
  if (code === 0) return
  return yield* new CommandFailed({
    message: /not a git repository/.test(stderr)
      ? "This is not a git repository. Run this in one, or give it a patch: git diff | holdfast review --patch -"
      : `git can't read this repository: ${stderr.trim().replace(/^fatal: /, "")}`
  })
})

const workingTree = Effect.gen(function* () {
  const root = yield* Git.line(["rev-parse", "--show-toplevel"])
  return yield* Option.match(root, {
    onNone: () =>
      new CommandFailed({
        message: "This repository has no working tree. Name a range: holdfast review main..topic"
      }),
    onSome: Effect.succeed
  })
})

/** A ref can't begin with a dash, and what does could be taken for an option. */
const resolve = (ref: string) =>
  ref.startsWith("-")
    ? Effect.succeedNone
    : Git.line(["rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`])

const commit = (ref: string) =>
  Effect.flatMap(
    resolve(ref),
    Option.match({
      onNone: () =>
        new CommandFailed({
          message: `There is no commit "${ref}" here. Check the name; one that only the remote has comes with git fetch.`
        }),
      onSome: Effect.succeed
    })
  )

const mergeBase = (one: string, other: string, said: string) =>
  Effect.flatMap(
    Git.line(["merge-base", one, other]),
    Option.match({
      onNone: () =>
        new CommandFailed({
          message: `${said} have no commit in common. If the clone is shallow, deepen it: git fetch --unshallow, or fetch-depth: 0 in GitHub Actions.`
        }),
      onSome: Effect.succeed
    })
  )

/** Before the first commit there is nothing. */
const head = Effect.flatMap(
  resolve("HEAD"),
  Option.match({
    onNone: () =>
      Effect.map(Git.text(["hash-object", "-t", "tree", "--stdin"], { input: new Uint8Array() }), (id) =>
        id.trim()
      ),
    onSome: Effect.succeed
  })
)

export const findChange = (selection: GitSelection) =>
  Effect.gen(function* () {
    yield* inRepository
    if (selection._tag === "Range") {
      const from = yield* commit(selection.from)
      const to = yield* commit(selection.to)
      const change: GitChange = {
        before: selection.symmetric
          ? yield* mergeBase(from, to, `${selection.from} and ${selection.to}`)
          : from,
        after: { _tag: "Commit", sha: to },
        root: "."
      }
      const title = yield* Git.line(["log", "-1", "--format=%s", to, "--"])
      return { change, title: Option.getOrElse(title, () => "A change") }
    }
    const root = yield* workingTree
    switch (selection._tag) {
      case "WorkingTree":
      case "Staged": {
        const change: GitChange = {
          before: yield* head,
          after: { _tag: selection._tag === "Staged" ? "Index" : "WorkingTree" },
          root
        }
        return { change, title: "Changes that are not committed yet" }
      }
      case "Base": {
        const base = yield* commit(selection.ref)
        const change: GitChange = {
          before: yield* mergeBase(base, yield* commit("HEAD"), `${selection.ref} and HEAD`),
          after: { _tag: "WorkingTree" },
          root
        }
        return { change, title: `Changes since ${selection.ref}` }
      }
    }
  })
