/**
 * Takes the diffs out of mails, as `git format-patch --stdout` writes them one after the other: without the heads, the
 * messages, the cover letter and the signatures. Pure.
 *
 * https://git-scm.com/docs/git-format-patch; where a patch begins in a mail: https://git-scm.com/docs/git-am
 */
import { Either } from "effect"

/** The line that begins a mail: a commit's or an account's name, and a time. */
const beginsMail = /(?<=^|\n)(?=From \S+ .*\d\d:\d\d:\d\d.* \d{4}\r?\n)/

const encoded = /^content-transfer-encoding: *(base64|quoted-printable)\s*$/im

/** What is behind a message: three dashes, which a message can't have, since git would cut it there as well. None with `--no-stat`. */
const endsMessage = /^---[ \t]*\r?$/m

/** In most mails a version of git is below it. */
const endsPatch = /^--\s*$/

const hunkHeader = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/

const beginsDiff = (line: string): boolean => line.startsWith("diff --git ")

/** How many lines of both sides are still to come in a hunk. */
interface Left {
  readonly before: number
  readonly after: number
}

const takeLine = ({ after, before }: Left, line: string): Left => {
  switch (line.charAt(0)) {
    case "+":
      return { before, after: after - 1 }
    case "-":
      return { before: before - 1, after }
    case "\\":
      return { before, after }
    default:
      return { before: before - 1, after: after - 1 }
  }
}

const countOf = (digits: string | undefined): number => (digits === undefined ? 1 : Number(digits))

/** Where the diffs end. A line that is removed can look like a signature, so lines of hunks are counted. */
const endOf = (lines: ReadonlyArray<string>): number => {
  let left: Left = { before: 0, after: 0 }
  return lines.findIndex((line) => {
    if (left.before > 0 || left.after > 0) {
      left = takeLine(left, line)
      return false
    }
    const [header, before, after] = hunkHeader.exec(line) ?? []
    if (header !== undefined) left = { before: countOf(before), after: countOf(after) }
    return endsPatch.test(line)
  })
}

/** From the first file's header to before the signature; nothing of a mail without a diff, as a cover letter is. */
const diffsIn = (mail: string): ReadonlyArray<string> => {
  const message = endsMessage.exec(mail)
  const lines = mail.slice(message === null ? 0 : message.index).split("\n")
  const start = lines.findIndex(beginsDiff)
  if (start < 0) return []
  const patch = lines.slice(start)
  const end = endOf(patch)
  return end < 0 ? patch : patch.slice(0, end)
}

/** The text itself where it holds no mails. Left: why the mails can't be read. */
export const withoutMail = (text: string): Either.Either<string, string> => {
  const [before = "", ...others] = text.split(beginsMail)
  const mails = before.startsWith("From ") ? [before, ...others] : others
  if (mails.length === 0) return Either.right(text)
  if (before !== mails[0] && before.split("\n").some(beginsDiff))
    return Either.left("there is a diff before its first mail")
  const encoding = mails
    .map((mail) => encoded.exec(mail.split(/\r?\n\r?\n/, 1)[0] ?? "")?.[1])
    .find((name) => name !== undefined)
  if (encoding !== undefined) return Either.left(`a mail in it is encoded (${encoding})`)
  const diffs = mails.flatMap((mail) => diffsIn(mail))
  return diffs.length === 0
    ? Either.left("no mail in it holds a diff")
    : Either.right(`${diffs.join("\n")}\n`)
}
