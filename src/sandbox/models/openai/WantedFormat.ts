/** The shape that an answer must have, under rules that both of OpenAI's APIs share. */
import { Either } from "effect"
import { type Invalid, invalid } from "../Problem.ts"
import type { Asked } from "../Question.ts"
import { strictBreach } from "./StrictSchema.ts"

export type WantedFormat =
  | { readonly type: "text" }
  | { readonly type: "json_object" }
  | {
      readonly type: "json_schema"
      readonly name: string
      readonly schema: unknown
      readonly strict: boolean
    }

interface Setting {
  /** The parameter that says so. */
  readonly at: ReadonlyArray<string>
  /** All that was said to the model. */
  readonly words: string
}

export const wantedSchema = (
  wanted: WantedFormat,
  { at, words }: Setting
): Either.Either<Pick<Asked, "schemaName" | "schema">, Invalid> => {
  if (wanted.type === "json_schema") {
    const breach = wanted.strict ? strictBreach(wanted.name, wanted.schema) : undefined
    return breach === undefined
      ? Either.right({ schemaName: wanted.name, schema: wanted.schema })
      : Either.left(invalid(at, breach, "schema"))
  }
  // OpenAI insists, because a model that is not told writes blanks until its tokens are used up.
  if (wanted.type === "json_object" && !/json/i.test(words)) {
    const message = `The messages must contain the word 'json' in some form, to use '${at.join(".")}' of type 'json_object'.`
    return Either.left(invalid(at, message, "unsupported"))
  }
  return Either.right({ schemaName: undefined, schema: undefined })
}
