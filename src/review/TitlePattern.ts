/**
 * Regular expressions that a repository writes to skip pull requests by title.
 *
 * They are matched with RE2's algorithm, in time linear in the title's length: a repository's pattern such as `(a+)+$` must
 * not stop a worker that serves others. Its syntax lacks back-references and look-around: https://github.com/google/re2/wiki/Syntax
 */
import { Either, type Option } from "effect"
import { RE2JS } from "re2js"

const maxLength = 200

const compile = (pattern: string): Either.Either<RE2JS, string> =>
  pattern.length > maxLength
    ? Either.left(`is longer than ${maxLength} characters`)
    : Either.try({
        try: () => RE2JS.compile(pattern),
        catch: () =>
          "is not a regular expression in RE2's syntax, which has no back-references and no look-around"
      })

/** Why a pattern is not accepted, in words that follow its name. None when it is fine. */
export const titlePatternFault = (pattern: string): Option.Option<string> => Either.getLeft(compile(pattern))

/** Whether the pattern is found in the title. A pattern that is not accepted is found nowhere. */
export const titleMatches = (pattern: string, title: string): boolean =>
  Either.match(compile(pattern), { onLeft: () => false, onRight: (regex) => regex.test(title) })
