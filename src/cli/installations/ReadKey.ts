/** An API key from standard input, or from a prompt that does not show it. Never from an argument, which others can see. */
import * as Prompt from "@effect/cli/Prompt"
import * as NodeStream from "@effect/platform-node/NodeStream"
import { Effect, Redacted } from "effect"
import { CommandFailed } from "../Failure.ts"

const fromPipe = NodeStream.toString(() => process.stdin, {
  maxBytes: 10_000,
  onFailure: () => new CommandFailed({ message: "The key could not be read from standard input." })
}).pipe(Effect.map(Redacted.make))

export const readKey = Effect.gen(function* () {
  const given = yield* process.stdin.isTTY ? Prompt.password({ message: "API key" }) : fromPipe
  const key = Redacted.value(given).trim()
  if (!/^[\x21-\x7e]+$/.test(key)) {
    return yield* new CommandFailed({
      message:
        key === ""
          ? "No key was given. Pipe it in, as in: holdfast installations set 1 --key < key.txt"
          : "What was given has characters that no API key has. Nothing was changed."
    })
  }
  return Redacted.make(key)
})
