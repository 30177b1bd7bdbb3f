/** Where the content of a pull request comes from, as the control API's callers write it. */
import type * as CommandExecutor from "@effect/platform/CommandExecutor"
import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import { Data, Effect, Schema } from "effect"
import type { OpenPull } from "../Controls.ts"
import { fromFolder } from "../git/FileTree.ts"
import {
  countCommits,
  diffCommits,
  type GitFailed,
  mergeBase,
  readTree,
  resolve
} from "../git/GitRepository.ts"
import { scenarios } from "../scenarios/Scenarios.ts"

const Content = Schema.Union(Schema.String, Schema.Struct({ base64: Schema.String }))
const Files = Schema.Record({ key: Schema.String, value: Content })

/** One that comes with the sandbox. */
const FromScenario = Schema.Struct({ scenario: Schema.String })
/** Two trees, path → text or `{ "base64": … }`. */
const FromFiles = Schema.Struct({ before: Files, after: Files })
/** Two folders on this machine. */
const FromFolders = Schema.Struct({ beforeFolder: Schema.String, afterFolder: Schema.String })
/** A repository on this machine; `base` and `head` are anything that git takes for a commit. */
const FromRepository = Schema.Struct({
  repository: Schema.String,
  base: Schema.String,
  head: Schema.String
})

export const PullSource = Schema.Union(FromScenario, FromFiles, FromFolders, FromRepository)
export type PullSource = typeof PullSource.Type

/** Files to put in place, or null to remove one. */
export const FileEdits = Schema.Record({ key: Schema.String, value: Schema.NullOr(Content) })

export class NoSuchScenario extends Data.TaggedError("NoSuchScenario")<{ readonly message: string }> {}

type FileContent = typeof Content.Type

const toContent = (content: FileContent): string | Uint8Array =>
  typeof content === "string" ? content : Uint8Array.from(Buffer.from(content.base64, "base64"))

const toFiles = (files: typeof Files.Type) =>
  Object.fromEntries(Object.entries(files).map(([path, content]) => [path, toContent(content)]))

export const toEdits = (edits: typeof FileEdits.Type) =>
  Object.fromEntries(
    Object.entries(edits).map(([path, content]) => [path, content === null ? null : toContent(content)])
  )

const fromRepository = (source: typeof FromRepository.Type) =>
  Effect.gen(function* () {
    const head = yield* resolve(source.repository, source.head)
    const base = yield* mergeBase(source.repository, yield* resolve(source.repository, source.base), head)
    const [baseTree, headTree, changes, commitCount] = yield* Effect.all([
      readTree(source.repository, base),
      readTree(source.repository, head),
      diffCommits(source.repository, base, head),
      countCommits(source.repository, base, head)
    ])
    return {
      content: {
        base: { sha: base, tree: baseTree },
        head: { sha: head, tree: headTree },
        changes,
        commitCount
      }
    }
  })

/** Reads the content, and for a scenario its title and the rest too. */
export const readPullSource: (
  source: PullSource
) => Effect.Effect<
  OpenPull,
  NoSuchScenario | PlatformError | GitFailed,
  FileSystem.FileSystem | Path.Path | CommandExecutor.CommandExecutor
> = Effect.fn("PullSource.read")(function* (source: PullSource) {
  if ("scenario" in source) {
    const scenario = scenarios[source.scenario]
    if (scenario === undefined) {
      const known = Object.keys(scenarios).join(", ")
      return yield* new NoSuchScenario({
        message: `there is no scenario ${source.scenario}; there are ${known}`
      })
    }
    const { before, after, ...details } = scenario
    return { content: { before, after }, ...details }
  }
  if ("beforeFolder" in source) {
    const [before, after] = yield* Effect.all([
      fromFolder(source.beforeFolder),
      fromFolder(source.afterFolder)
    ])
    return { content: { before, after } }
  }
  if ("repository" in source) return yield* fromRepository(source)
  return { content: { before: toFiles(source.before), after: toFiles(source.after) } }
})
