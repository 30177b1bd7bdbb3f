/** What people do on GitHub's pages: open a pull request, push, comment, close. Each sends the webhook that belongs to it. */
import { Effect, Either } from "effect"
import { type CheckControls, makeCheckControls } from "./Controls/Checks.ts"
import { type Conversation, makeConversation } from "./Controls/Conversation.ts"
import { findPull, type NoSuchPull, type PullName } from "./Controls/PullName.ts"
import type { FileChange } from "./git/FileChange.ts"
import { edit, type FileTree, fromRecord } from "./git/FileTree.ts"
import type { Delivery } from "./github/Delivery.ts"
import { type Account, account, type GithubState, headOf, type PullRequest } from "./github/GithubState.ts"
import { ensureRepository, installationOf } from "./github/Installations.ts"
import {
  type Changed,
  type Content,
  closePull,
  Impossible,
  openPull,
  pushPull,
  renamePull,
  reopenPull,
  setDraft
} from "./github/Pulls.ts"
import { type PullAction, pullEvent } from "./rendered/RenderedEvent.ts"
import type { Urls } from "./rendered/Urls.ts"
import type { Webhooks } from "./Webhooks.ts"
import type { World } from "./World.ts"

export type { PullName } from "./Controls/PullName.ts"

type Files = FileTree | { readonly [path: string]: string | Uint8Array }

/** What the pull request is made of: two trees, or what git said of two commits. */
type PullContent =
  | { readonly before: Files; readonly after: Files }
  | {
      readonly base: Required<Content>
      readonly head: Required<Content>
      readonly changes: ReadonlyArray<FileChange>
      readonly commitCount: number
    }

export interface OpenPull {
  readonly content: PullContent
  /** The sandbox's own repository when absent; a new one is made and added to its owner's installation. */
  readonly owner?: string | undefined
  readonly repo?: string | undefined
  readonly title?: string | undefined
  readonly body?: string | null | undefined
  readonly author?: string | undefined
  readonly draft?: boolean | undefined
  readonly labels?: ReadonlyArray<string> | undefined
  /** The login whose fork the head is in. */
  readonly fork?: string | undefined
  readonly headBranch?: string | undefined
  readonly baseBranch?: string | undefined
}

interface PushToPull {
  /** A whole tree, or the files to change (null removes one) on top of the head. */
  readonly content:
    | { readonly after: Files }
    | { readonly edit: { readonly [path: string]: string | Uint8Array | null } }
    | { readonly head: Required<Content>; readonly changes: ReadonlyArray<FileChange> }
  readonly message?: string | undefined
  readonly force?: boolean | undefined
  /** Whether GitHub still has what a force push left behind; it has when absent. */
  readonly keepsReplaced?: boolean | undefined
}

/** A pull request after a change, and the webhook about it. */
export interface ControlResult extends PullName {
  readonly headSha: string
  readonly baseSha: string
  readonly installationId: number
  /** Undefined where no webhook is configured. */
  readonly delivery: Delivery | undefined
}

type ControlError = NoSuchPull | Impossible

export interface Controls extends Conversation, CheckControls {
  readonly open: (input: OpenPull) => Effect.Effect<ControlResult, ControlError>
  readonly push: (pull: PullName, input: PushToPull) => Effect.Effect<ControlResult, ControlError>
  readonly close: (pull: PullName, merged?: boolean) => Effect.Effect<ControlResult, ControlError>
  readonly reopen: (pull: PullName) => Effect.Effect<ControlResult, ControlError>
  readonly convertToDraft: (pull: PullName) => Effect.Effect<ControlResult, ControlError>
  readonly readyForReview: (pull: PullName) => Effect.Effect<ControlResult, ControlError>
  readonly rename: (pull: PullName, title: string) => Effect.Effect<ControlResult, ControlError>
}

const isTree = (files: Files): files is FileTree => files instanceof Map

const toTree = (files: Files): FileTree => (isTree(files) ? files : fromRecord(files))

export interface ControlsOptions {
  readonly world: World
  readonly webhooks: Webhooks
  readonly urls: Urls
  readonly owner: string
  readonly repo: string
}

export const makeControls = ({ world, webhooks, urls, owner, repo }: ControlsOptions): Controls => {
  const announce = (
    pull: PullRequest,
    action: PullAction,
    sender: Account,
    extra: { readonly [key: string]: unknown } = {}
  ) =>
    Effect.gen(function* () {
      const state = yield* world.state
      const repository = state.repositories.get(pull.repository)
      const installation = installationOf(state, pull.repository)
      if (repository === undefined || installation === undefined) {
        return yield* new Impossible({ message: `the app is not installed on ${pull.repository}` })
      }
      const event = pullEvent(state, repository, pull, { action, sender, installation, extra }, urls)
      return {
        owner: repository.owner.login,
        repo: repository.name,
        number: pull.number,
        headSha: headOf(pull).sha,
        baseSha: pull.baseSha,
        installationId: installation.id,
        delivery: yield* webhooks.deliver(event)
      }
    })

  /** Changes one pull request and says so. */
  const alter = (
    name: PullName,
    action: PullAction,
    rule: (state: GithubState, pull: PullRequest, now: number) => Changed,
    extra: (before: PullRequest, after: PullRequest) => { readonly [key: string]: unknown } = () => ({})
  ) =>
    Effect.gen(function* () {
      const now = yield* world.now
      const [before, after] = yield* world.change(
        (state): Either.Either<readonly [readonly [PullRequest, PullRequest], GithubState], ControlError> => {
          return Either.flatMap(findPull(state, name), (pull) =>
            Either.map(rule(state, pull, now), ([changed, next]) => [[pull, changed], next])
          )
        }
      )
      return yield* announce(after, action, after.author, extra(before, after))
    })

  const open = (input: OpenPull) =>
    Effect.gen(function* () {
      const now = yield* world.now
      const baseBranch = input.baseBranch ?? "main"
      const content =
        "before" in input.content
          ? { base: { tree: toTree(input.content.before) }, head: { tree: toTree(input.content.after) } }
          : input.content
      const pull = yield* world.change((state) =>
        Either.gen(function* () {
          const repository = { owner: input.owner ?? owner, name: input.repo ?? repo, baseBranch, now }
          const [key, withRepository] = yield* ensureRepository(state, repository)
          const [author, withAuthor] = account(withRepository, input.author ?? "octocat")
          const [fork, ready] =
            input.fork === undefined ? [undefined, withAuthor] : account(withAuthor, input.fork)
          return yield* openPull(ready, {
            ...content,
            repository: key,
            title: input.title ?? "A change",
            body: input.body ?? null,
            author,
            draft: input.draft ?? false,
            labels: input.labels ?? [],
            ...(fork === undefined ? {} : { fork }),
            headBranch: input.headBranch ?? "change",
            baseBranch,
            now
          })
        })
      )
      return yield* announce(pull, "opened", pull.author)
    })

  const pushed = (state: GithubState, pull: PullRequest, input: PushToPull) => {
    const current = state.repositories.get(pull.repository)?.commits.get(headOf(pull).sha)?.tree
    if ("after" in input.content) return { head: { tree: toTree(input.content.after) } }
    if ("edit" in input.content) {
      return { head: { tree: edit(current ?? new Map(), input.content.edit) } }
    }
    return { head: input.content.head, changes: input.content.changes }
  }

  return {
    ...makeConversation({ world, webhooks, urls }),
    ...makeCheckControls({ world, webhooks, urls }),
    open: Effect.fn("Controls.open")(open),
    push: Effect.fn("Controls.push")((name: PullName, input: PushToPull) =>
      alter(
        name,
        "synchronize",
        (state, pull, now) =>
          pushPull(state, pull, {
            ...pushed(state, pull, input),
            message: input.message ?? "A further change",
            force: input.force ?? false,
            keepsReplaced: input.keepsReplaced ?? true,
            now
          }),
        (before, after) => ({ before: headOf(before).sha, after: headOf(after).sha })
      )
    ),
    close: Effect.fn("Controls.close")((name: PullName, merged = false) =>
      alter(name, "closed", (state, pull, now) => closePull(state, pull, merged, now))
    ),
    reopen: Effect.fn("Controls.reopen")((name: PullName) => alter(name, "reopened", reopenPull)),
    convertToDraft: Effect.fn("Controls.convertToDraft")((name: PullName) =>
      alter(name, "converted_to_draft", (state, pull, now) => setDraft(state, pull, true, now))
    ),
    readyForReview: Effect.fn("Controls.readyForReview")((name: PullName) =>
      alter(name, "ready_for_review", (state, pull, now) => setDraft(state, pull, false, now))
    ),
    rename: Effect.fn("Controls.rename")((name: PullName, title: string) =>
      alter(
        name,
        "edited",
        (state, pull, now) => renamePull(state, pull, title, now),
        (before) => ({ changes: { title: { from: before.title } } })
      )
    )
  }
}
