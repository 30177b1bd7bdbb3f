/**
 * What the queue runs for a job of kind `command/…`: one thing that a person asked for, in a comment or with a button.
 *
 * It may be run again from the start after a crash, so each part finds what an earlier attempt did: a review by the
 * command that it was made for, an answer by its marker, a reaction because GitHub keeps each once.
 */
import { Effect, Option, Schema } from "effect"
import { CommandPayload, nameOfComment } from "../github/Command.ts"
import { accessOf } from "../github/CommandAccess.ts"
import type { InstallationClient, Reaction } from "../github/Github.ts"
import { Obsolete } from "../queue/JobError.ts"
import { type Claimed, JobStore } from "../queue/JobStore.ts"
import { readConfig } from "./ReadPolicy.ts"
import { answer } from "./RunCommand/Answer.ts"
import { renderConfiguration } from "./RunCommand/Configuration.ts"
import { dismiss } from "./RunCommand/Dismiss.ts"
import { help, notUnderstood } from "./RunCommand/Help.ts"
import { answered, type Outcome } from "./RunCommand/Outcome.ts"
import { pause, resume } from "./RunCommand/Pause.ts"
import { askReview } from "./RunCommand/Review.ts"

const configuration = ({ job: { subject } }: Claimed, client: InstallationClient) =>
  Effect.gen(function* () {
    const pullRequest = yield* client.getPullRequest(subject)
    const config = yield* readConfig(client, subject.installationId, subject, pullRequest)
    return answered(renderConfiguration(config))
  })

const carryOut = (
  claimed: Claimed,
  client: InstallationClient,
  { command, comment, login }: CommandPayload
) =>
  Effect.gen(function* () {
    switch (command.name) {
      case "review":
        return yield* askReview(client, claimed, false)
      case "review full":
        return yield* askReview(client, claimed, true)
      case "pause":
        return yield* pause(claimed, login)
      case "resume":
        return yield* resume(client, claimed, login)
      case "dismiss":
        return yield* dismiss(client, claimed, { command, login, thread: comment?.thread ?? null })
      case "configuration":
        return yield* configuration(claimed, client)
      case "help":
        return answered(help)
      case "unknown":
        return answered(notUnderstood)
    }
  })

/** A comment that is gone, or a permission that is missing, is no reason not to do what was asked. */
const react = (
  client: InstallationClient,
  { job: { subject } }: Claimed,
  { comment }: CommandPayload,
  reaction: Reaction
) =>
  comment === null
    ? Effect.void
    : client.addReaction(subject, comment, reaction).pipe(
        Effect.catchTags({
          NotFound: () => Effect.void,
          Forbidden: ({ message }) =>
            Effect.logWarning(
              `the comment can't be reacted to; grant the App the permission "Pull requests: write" (${message})`
            )
        })
      )

/** Shows the outcome where there is a comment to show it at. */
const show = (
  client: InstallationClient,
  claimed: Claimed,
  payload: CommandPayload,
  { answer: text, reaction }: Outcome
) =>
  Effect.gen(function* () {
    const store = yield* JobStore
    if (payload.comment === null) return
    if (Option.isSome(text)) {
      const written = { to: nameOfComment(payload.comment), text: text.value }
      yield* answer(client, claimed.job.subject, written, store.check(claimed.lease))
    }
    if (Option.isSome(reaction)) yield* react(client, claimed, payload, reaction.value)
  })

export const runCommand = Effect.fn("Review.runCommand")(function* (
  client: InstallationClient,
  claimed: Claimed
) {
  const store = yield* JobStore
  const { subject } = claimed.job
  const payload = yield* Schema.decodeUnknown(CommandPayload)(claimed.job.payload).pipe(
    Effect.mapError(
      () => new Obsolete({ message: "the command was kept in a form that this version can't read" })
    )
  )
  switch (yield* accessOf(client, subject, payload)) {
    case "not ours":
      return yield* new Obsolete({ message: "the comment speaks to somebody else" })
    case "may not":
      return yield* new Obsolete({ message: `${payload.login} has no write access to the repository` })
    case "granted":
  }
  yield* store.check(claimed.lease)
  yield* react(client, claimed, payload, "eyes")
  const outcome = yield* carryOut(claimed, client, payload).pipe(
    // GitHub will not do it, ever: the person who waits for it is told that it went wrong.
    Effect.tapErrorTag("Forbidden", () => Effect.ignore(react(client, claimed, payload, "confused"))),
    Effect.tapErrorTag("ValidationFailed", () => Effect.ignore(react(client, claimed, payload, "confused")))
  )
  yield* show(client, claimed, payload, outcome)
  yield* Effect.logInfo(`carried out the command ${payload.command.name}`)
})
