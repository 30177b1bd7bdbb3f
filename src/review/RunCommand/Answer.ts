/**
 * The comment that answers a command: written once, and known again by the name of the command's comment, which stands in
 * its first line as an HTML comment.
 */
import { Effect } from "effect"
import type { InstallationClient, PullRequestRef } from "../../github/Github.ts"
import { isAmbiguous } from "../../github/GithubError.ts"
import { redactSecrets } from "../Secrets.ts"
import { maxOutputLength, truncate } from "../Truncate.ts"

const markerOf = (comment: string): string => `<!-- holdfast:answer:v1:${comment} -->`

const isThere = (client: InstallationClient, ref: PullRequestRef, marker: string) =>
  Effect.gen(function* () {
    const own = yield* client.ownLogin
    const comments = yield* client.listIssueComments(ref)
    return comments.some(
      ({ authorLogin, body }) => authorLogin === own && body.split(/\r?\n/, 1)[0] === marker
    )
  })

/**
 * @param to the name of the comment that asked
 * @param stillHeld is asked right before it is written
 */
export const answer = Effect.fn("RunCommand.answer")(function* <E, R>(
  client: InstallationClient,
  ref: PullRequestRef,
  { text, to }: { readonly to: string; readonly text: string },
  stillHeld: Effect.Effect<void, E, R>
) {
  const marker = markerOf(to)
  if (yield* isThere(client, ref, marker)) return
  // The last look before something is published.
  const body = `${marker}\n${truncate(yield* redactSecrets(text), maxOutputLength)}`
  yield* stillHeld
  yield* client
    .createIssueComment(ref, body)
    .pipe(
      Effect.catchIf(isAmbiguous, (error) =>
        Effect.flatMap(isThere(client, ref, marker), (there) => (there ? Effect.void : Effect.fail(error)))
      )
    )
})
