/** What people say on a pull request, and what they may do there. */
import { Effect, Either } from "effect"
import { createComment } from "../github/Comments.ts"
import type { Delivery } from "../github/Delivery.ts"
import {
  account,
  type GithubState,
  type Permission,
  type PullRequest,
  permissionKey,
  withEntry
} from "../github/GithubState.ts"
import { Impossible } from "../github/Pulls.ts"
import type { Rejection } from "../github/Rejection.ts"
import { replyToThread, resolveThread, type Thread, threadsOf } from "../github/Threads.ts"
import { commentEvent } from "../rendered/CommentEvent.ts"
import { replyEvent } from "../rendered/ReplyEvent.ts"
import type { Urls } from "../rendered/Urls.ts"
import type { Webhooks } from "../Webhooks.ts"
import type { World } from "../World.ts"
import { findPull, findRepository, NoSuchPull, type PullName, type RepositoryName } from "./PullName.ts"

interface Saying {
  /** Who says it: `ghost` is an account that was deleted since, and a login that ends in `[bot]` is a bot. */
  readonly login: string
  readonly body: string
}

/** A thread is named by the id of its first comment. */
export interface Conversation {
  /** Comments on the pull request as a whole, and says so with the webhook `issue_comment`. */
  readonly comment: (
    pull: PullName,
    saying: Saying
  ) => Effect.Effect<
    { readonly commentId: number; readonly delivery: Delivery | undefined },
    NoSuchPull | Impossible
  >
  /** Answers in a thread, and says so with the webhook `pull_request_review_comment`. */
  readonly reply: (
    pull: PullName,
    thread: number,
    saying: Saying
  ) => Effect.Effect<
    { readonly commentId: number; readonly delivery: Delivery | undefined },
    NoSuchPull | Impossible
  >
  readonly resolve: (pull: PullName, thread: number) => Effect.Effect<void, NoSuchPull>
  readonly setPermission: (
    repository: RepositoryName,
    login: string,
    permission: Permission
  ) => Effect.Effect<void, NoSuchPull>
}

const impossible = ({ errors = [], message }: Rejection) =>
  new Impossible({ message: [message, ...errors.map((error) => JSON.stringify(error))].join(": ") })

const findThread = (state: GithubState, name: PullName, first: number): Either.Either<Thread, NoSuchPull> =>
  Either.flatMap(findPull(state, name), (pull) =>
    Either.fromNullable(
      threadsOf(state, pull).find((thread) => thread.first.id === first),
      () =>
        new NoSuchPull({
          message: `no thread on ${name.owner}/${name.repo}#${name.number} begins with ${first}`
        })
    )
  )

export const makeConversation = ({
  urls,
  webhooks,
  world
}: {
  readonly world: World
  readonly webhooks: Webhooks
  readonly urls: Urls
}): Conversation => {
  const say = (state: GithubState, pull: PullRequest, { body, login }: Saying, now: number) => {
    const [author, next] = account(state, login)
    return Either.mapBoth(createComment(next, pull, { author, body, now }), {
      onLeft: impossible,
      onRight: ([comment, after]) => [{ author, comment, pull }, after] as const
    })
  }
  return {
    comment: Effect.fn("Controls.comment")(function* (name: PullName, saying: Saying) {
      const now = yield* world.now
      const { author, comment, pull } = yield* world.change((state) =>
        Either.flatMap(findPull(state, name), (pull) => say(state, pull, saying, now))
      )
      const state = yield* world.state
      const [, repository] = yield* findRepository(state, name)
      const event = commentEvent(state, repository, pull, { comment, sender: author }, urls)
      if (event === undefined) {
        return yield* new Impossible({ message: `the app is not installed on ${name.owner}/${name.repo}` })
      }
      return { commentId: comment.id, delivery: yield* webhooks.deliver(event) }
    }),

    reply: Effect.fn("Controls.reply")(function* (name: PullName, first: number, saying: Saying) {
      const now = yield* world.now
      const { author, reply, thread } = yield* world.change((state) =>
        Either.flatMap(findThread(state, name, first), (thread) => {
          const [author, next] = account(state, saying.login)
          return Either.mapBoth(replyToThread(next, thread, { author, body: saying.body, now }), {
            onLeft: impossible,
            onRight: ([reply, after]) => [{ author, reply, thread }, after] as const
          })
        })
      )
      const state = yield* world.state
      const [, repository] = yield* findRepository(state, name)
      const event = replyEvent(state, repository, thread, { reply, sender: author }, urls)
      const delivery = event === undefined ? undefined : yield* webhooks.deliver(event)
      return { commentId: reply.id, delivery }
    }),

    resolve: Effect.fn("Controls.resolve")((name: PullName, first: number) =>
      world.change((state) =>
        Either.map(
          findThread(state, name, first),
          (thread) => [undefined, resolveThread(state, thread)] as const
        )
      )
    ),

    setPermission: Effect.fn("Controls.setPermission")(
      (name: RepositoryName, login: string, permission: Permission) =>
        world.change((state) =>
          Either.map(
            findRepository(state, name),
            ([key]) =>
              [
                undefined,
                {
                  ...state,
                  permissions: withEntry(state.permissions, permissionKey(key, login), permission)
                }
              ] as const
          )
        )
    )
  }
}
