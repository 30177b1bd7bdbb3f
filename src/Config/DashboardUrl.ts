import { Either, Option } from "effect"
import type { Wrong } from "./Setting.ts"

/** The URL without a slash at its end. It is published on check runs, so it may hold no password. */
export const parseDashboardUrl = (text: string): Either.Either<string, Wrong> => {
  const url = Option.filter(
    Option.liftThrowable(() => new URL(text))(),
    ({ hash, password, protocol, search, username }) =>
      /^https?:$/.test(protocol) && `${hash}${search}${username}${password}` === ""
  )
  return Option.match(url, {
    onNone: () =>
      Either.left({
        problem: "It is not an http or https URL to which /jobs/<job id> can be added.",
        remedy:
          "Set it to the address of your own page that shows jobs, such as https://holdfast.example.com, or leave it unset."
      }),
    onSome: ({ href }) => Either.right(href.replace(/\/+$/, ""))
  })
}
