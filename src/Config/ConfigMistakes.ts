/** What is wrong with the configuration, all of it at once, in words for whoever set it. */
import { Data } from "effect"

export interface Mistake {
  /** The environment variable. */
  readonly variable: string
  /** What is wrong, as a sentence. Never holds a secret's value. */
  readonly problem: string
  /** What to do about it, as a sentence. */
  readonly remedy: string
}

/** The program can't start with these settings. */
export class ConfigMistakes extends Data.TaggedError("ConfigMistakes")<{
  readonly mistakes: ReadonlyArray<Mistake>
}> {
  override get message(): string {
    return render(this)
  }
}

/** The mistakes as they are to be printed. */
export const render = ({ mistakes }: Pick<ConfigMistakes, "mistakes">): string =>
  [
    mistakes.length === 1 ? "One setting is wrong:" : `${mistakes.length} settings are wrong:`,
    ...mistakes.flatMap(({ problem, remedy, variable }) => ["", `  ${variable}: ${problem}`, `    ${remedy}`])
  ].join("\n")
