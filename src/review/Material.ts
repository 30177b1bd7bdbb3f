/** What a review is about: the changed files at the exact commit, sorted into what is reviewed and what is not. */
import { Effect, Option } from "effect"
import type { InstallationClient, PullRequest, PullRequestRef } from "../github/Github.ts"
import type { GithubError } from "../github/GithubError.ts"
import { type Chunk, chunkFiles, chunkShown } from "./Chunker.ts"
import { type Coverage, unlisted } from "./Coverage.ts"
import type { ChangedFile } from "./Diff.ts"
import { parseGitattributes } from "./FileFilter/Gitattributes.ts"
import { type FilterRules, filterFiles } from "./FileFilter.ts"
import { narrow } from "./Incremental.ts"
import { parseFile } from "./ParseDiff.ts"
import type { Policy } from "./Policy.ts"
import type { Brief } from "./Prompt.ts"
import type { ReviewModel } from "./ReviewModel.ts"
import type { Scope } from "./Scope.ts"
import { redactSecrets } from "./Secrets.ts"
import { shownFile } from "./Shown.ts"
import { estimateTokens, exactCounter } from "./Tokens.ts"

/** A size that any of today's models can take beside its prompt, and that is still read with attention. */
const chunkTokens = 12_000

/** Sizes are asked for one by one, so not for more files than this. */
const maxSizes = 30

export interface Material {
  /** All of them, in the order of the pull request. */
  readonly files: ReadonlyArray<ChangedFile>
  /** For a model: of the files as they are shown to it. */
  readonly chunks: ReadonlyArray<Chunk>
  readonly coverage: Coverage
  /** Bytes of binary files at the head commit, by path. */
  readonly sizes: ReadonlyMap<string, number>
  /** What a model is given to read besides the change. */
  readonly context: Brief["context"]
}

/** Where a change is read from. */
export interface ChangeSource<E> {
  /** In the order of the change. */
  readonly files: Effect.Effect<ReadonlyArray<ChangedFile>, E>
  /** How many files have changed, where more may have than `files` holds. */
  readonly changedFiles?: number
  /** A text file as it was before the change; none when there is none, or when it is too large to be sent. */
  readonly textBefore: (path: string) => Effect.Effect<Option.Option<string>, E>
  /** Bytes of a file after the change, as far as they are known. */
  readonly sizeAfter: (path: string) => Effect.Effect<Option.Option<number>, E>
}

/** A text file of the base commit; empty when there is none, or when it is too large to be sent. */
export const readText = (
  client: InstallationClient,
  ref: PullRequestRef,
  path: string,
  commitSha: string
): Effect.Effect<Option.Option<string>, GithubError> =>
  Effect.map(client.getContent(ref, path, commitSha), (content) =>
    Option.map(
      Option.flatMap(content, ({ bytes }) => bytes),
      (bytes) => new TextDecoder().decode(bytes)
    )
  )

/** A pull request as GitHub has it. */
export const fromGithub = (
  client: InstallationClient,
  ref: PullRequestRef,
  { baseSha, changedFiles, headSha }: Pick<PullRequest, "baseSha" | "changedFiles" | "headSha">
): ChangeSource<GithubError> => ({
  files: Effect.map(client.listFiles(ref), (files) => files.map(parseFile)),
  changedFiles,
  textBefore: (path) => readText(client, ref, path, baseSha),
  sizeAfter: (path) =>
    Effect.map(
      client.getContent(ref, path, headSha),
      Option.map(({ size }) => size)
    )
})

const sizesOf = <E>(
  source: ChangeSource<E>,
  files: ReadonlyArray<ChangedFile>
): Effect.Effect<ReadonlyMap<string, number>, E> =>
  Effect.forEach(
    files.filter((file) => file.hunks.length === 0 && file.status !== "removed").slice(0, maxSizes),
    (file) =>
      Effect.map(
        source.sizeAfter(file.path),
        Option.map((size) => [file.path, size] as const)
      ),
    { concurrency: 4 }
  ).pipe(Effect.map((sizes) => new Map(sizes.flatMap(Option.toArray))))

/** Of all files that explain how the repository is written; more would crowd out the change. */
const maxContext = 24_000

/** Characters of the longest keys there are, with some to spare. */
const longestSecret = 8_000

/** At the base commit, as the configuration is: a change must not tell how it is to be reviewed. */
const contextOf = <E>(source: ChangeSource<E>, paths: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const context: Array<Brief["context"][number]> = []
    let room = maxContext
    for (const path of paths) {
      if (room <= 0) break
      const text = yield* source.textBefore(path)
      if (Option.isNone(text)) continue
      // Before it is cut: a part of a secret is not known as one.
      const redacted = yield* redactSecrets(text.value.slice(0, room + longestSecret))
      context.push({ path, text: redacted.slice(0, room) })
      room -= text.value.length
    }
    return context
  })

/** For whom the files are sorted. */
interface Reader {
  /** None: the rules alone. */
  readonly model: Option.Option<ReviewModel>
  readonly scope: Scope
}

/** Reads and sorts the files of a change. */
export const gatherFrom = Effect.fn("Review.gather")(function* <E>(
  source: ChangeSource<E>,
  policy: Policy,
  { model, scope }: Reader
) {
  const gitattributes = yield* source.textBefore(".gitattributes")
  const files = yield* source.files
  const rules: FilterRules = {
    ignore: policy.ignore,
    generated: policy.generated,
    maxFiles: policy.maxFiles,
    gitattributes: parseGitattributes(Option.getOrElse(gitattributes, () => ""))
  }
  const { review: wanted, skipped } = filterFiles(files, rules)
  const { review, unchanged } =
    scope._tag === "Since"
      ? narrow(wanted, scope.before.coverage, scope.since)
      : { review: wanted, unchanged: [] }
  // Rules cost nothing, so an estimate will do for them; the tokenizer's tables take time and memory.
  const forModel = Option.isSome(model)
  const count = Option.isSome(model) ? yield* exactCounter(model.value.provider) : estimateTokens
  const limits = { chunkTokens, maxTokens: policy.maxTokens, count }
  const { chunks, coverage } = forModel
    ? yield* chunkShown(review, limits, shownFile)
    : chunkFiles(review, limits)
  const material: Material = {
    files,
    chunks,
    coverage: [
      ...coverage,
      ...unchanged,
      ...skipped,
      ...unlisted(source.changedFiles ?? files.length, files.length)
    ],
    sizes: yield* sizesOf(source, files),
    context: forModel ? yield* contextOf(source, policy.contextFiles) : []
  }
  return material
})

/** Reads and sorts the pull request's files. */
export const gather = (
  client: InstallationClient,
  ref: PullRequestRef,
  pullRequest: PullRequest,
  policy: Policy,
  reader: Reader
) => gatherFrom(fromGithub(client, ref, pullRequest), policy, reader)
