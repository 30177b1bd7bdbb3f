/** What a question comes to: the script's words, or what a fault leaves of them. */
import { Clock, Effect } from "effect"
import type { ModelEnding } from "./ModelEnding.ts"
import type { RepliedFault } from "./ModelFaults.ts"
import type { Problem } from "./Problem.ts"
import type { Asked, Question, Said } from "./Question.ts"
import { tokensOf } from "./Tokens.ts"
import type { ModelAnswer, Turn, WireFormat } from "./WireFormat.ts"

export const answered = (answer: ModelAnswer): ModelEnding => ({ _tag: "Answer", answer })

const take = (format: WireFormat, asked: Asked, turn: Turn): Effect.Effect<ModelAnswer> =>
  Effect.map(Clock.currentTimeMillis, (now) => format.answer(asked, turn, now))

export const say = (format: WireFormat, asked: Asked, said: Said): Effect.Effect<ModelEnding> =>
  Effect.map(take(format, asked, { _tag: "Whole", said }), answered)

/** `asked` is undefined when the request did not come to a question. */
export const refuse = (
  format: WireFormat,
  problem: Problem,
  asked: Asked | undefined
): Effect.Effect<ModelEnding> =>
  Effect.map(Clock.currentTimeMillis, (now) => {
    const promptTokens = tokensOf(asked?.prompt ?? "")
    return answered(format.refuse(problem, { model: asked?.model ?? "", promptTokens, now }))
  })

/** `words` is run only for the faults that leave something of them. */
export const spoil = (
  format: WireFormat,
  question: Question,
  fault: RepliedFault,
  words: Effect.Effect<Said>
): Effect.Effect<ModelEnding> => {
  switch (fault._tag) {
    case "Cut":
      return fault.when === "before"
        ? Effect.succeed({ _tag: "Reset" })
        : words.pipe(
            Effect.flatMap((said) => take(format, question, { _tag: "Whole", said })),
            Effect.map((answer) => ({ _tag: "BreakOff", answer }))
          )
    case "Refused":
      return Effect.map(take(format, question, { _tag: "Refused", by: fault.by ?? "model" }), answered)
    case "Truncated":
      return words.pipe(
        Effect.flatMap((said) => take(format, question, { _tag: "Truncated", said })),
        Effect.map(answered)
      )
    default:
      return refuse(format, fault, question)
  }
}
