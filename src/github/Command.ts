/** What people ask of Holdfast in a comment or with a button, and the job that does it. Pure. */
import { Option, Schema } from "effect"
import type { NewJob, Subject } from "../queue/Job.ts"

export const commandKind = "command"

/** The identifier of the button that asks for `review full`. */
export const reviewFullAction = "review-full"

const names = ["review", "review full", "pause", "resume", "dismiss", "configuration", "help"] as const

const Command = Schema.Struct({
  /** `unknown`: it speaks to Holdfast, but not so that it is understood. */
  name: Schema.Literal(...names, "unknown"),
  /** What findings `dismiss` names: hex digits in lower case, six or more. In a finding's thread, none is that one. */
  findings: Schema.Array(Schema.String),
  /** Names after `dismiss` that can't be a finding's. */
  misnamed: Schema.Int
})
export type Command = typeof Command.Type

/** The payload of a job of kind `command/…`. Of a comment's text it keeps nothing but this. */
export const CommandPayload = Schema.Struct({
  /** Who asks. */
  login: Schema.String,
  command: Command,
  /** Null for a button. */
  comment: Schema.NullOr(
    Schema.Struct({
      id: Schema.Int,
      /** Whom the comment mentions; null where it says `/holdfast`. Whether that is us is known to GitHub. */
      mentions: Schema.NullOr(Schema.String),
      /** The first comment of the thread that it stands in; null on the pull request as a whole. */
      thread: Schema.optionalWith(Schema.NullOr(Schema.Int), { default: () => null })
    })
  )
})
export type CommandPayload = typeof CommandPayload.Type

/** GitHub counts the comments in threads by themselves, so that one on the whole may have the same id. */
export const nameOfComment = ({
  id,
  thread
}: {
  readonly id: number
  readonly thread: number | null
}): string => (thread === null ? String(id) : `thread-${id}`)

/** A job names so many findings at most. */
const mostFindings = 50

const plain = (name: Command["name"]): Command => ({ name, findings: [], misnamed: 0 })

const dismissal = (words: ReadonlyArray<string>): Command => {
  const named = words.flatMap((word) => word.replaceAll("`", "").split(",")).filter((word) => word !== "")
  const findings = named.map((word) => word.toLowerCase()).filter((word) => /^[0-9a-f]{6,32}$/.test(word))
  return {
    name: "dismiss",
    findings: [...new Set(findings)].slice(0, mostFindings),
    misnamed: named.length - findings.length
  }
}

const understand = (text: string): Command => {
  const words = text.split(/\s+/).filter((word) => word !== "")
  const said = words.join(" ").toLowerCase()
  const name = names.find((known) => known === said)
  if (name !== undefined && name !== "dismiss") return plain(name)
  return words[0]?.toLowerCase() === "dismiss" ? dismissal(words.slice(1)) : plain("unknown")
}

/** A login of GitHub's, with the ending that Apps have. */
const spoken = /^(?:\/holdfast|@([a-z0-9-]{1,100})(?:\[bot\])?)(?:\s+(.*))?$/i

/**
 * The command at the very start of a comment: `/holdfast …`, or a mention with the name of a command after it. Anywhere
 * else, in a quote or in code it is none. A mention with other words is a remark to somebody.
 */
export const parseCommand = (
  body: string
): Option.Option<{ readonly command: Command; readonly mentions: string | null }> => {
  const [firstLine = ""] = body.split(/\r?\n/, 1)
  const match = spoken.exec(firstLine)
  if (match === null) return Option.none()
  const [, mentioned, text = ""] = match
  if (mentioned === undefined) return Option.some({ command: understand(text), mentions: null })
  const first = text.split(/\s+/, 1)[0]?.toLowerCase() ?? ""
  return names.some((name) => name === first)
    ? Option.some({ command: understand(text), mentions: mentioned })
    : Option.none()
}

export const reviewFull: Command = plain("review full")

/** No webhook of a comment tells the head commit or the base branch: what the command is about is read when it is run. */
export const commitUnknown = "0".repeat(40)
/** Has a space, so that no branch is called so. */
const branchUnknown = "not known"

/** @param key what makes this command another than the next: all that asks for the same is one job */
export const commandJob = (
  {
    installationId,
    owner,
    pullRequest,
    repo,
    title
  }: Pick<Subject, "installationId" | "owner" | "pullRequest" | "repo" | "title">,
  key: string,
  payload: CommandPayload
): NewJob => ({
  kind: `${commandKind}/${key}`,
  trigger: "command",
  subject: {
    installationId,
    owner,
    repo,
    pullRequest,
    title,
    commitSha: commitUnknown,
    baseBranch: branchUnknown
  },
  payload
})
