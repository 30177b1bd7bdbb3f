/** What a person is shown of a command that was carried out. */
import { Option } from "effect"
import type { Reaction } from "../../github/Github.ts"

export interface Outcome {
  /** None where there is an answer to read. */
  readonly reaction: Option.Option<Reaction>
  /** Markdown. */
  readonly answer: Option.Option<string>
}

export const done: Outcome = { reaction: Option.some("+1"), answer: Option.none() }

export const answered = (answer: string): Outcome => ({
  reaction: Option.none(),
  answer: Option.some(answer)
})
