/** What a webhook is read into. */
import { Data, type DateTime, type Option } from "effect"

/** A webhook that was signed rightly and parsed as JSON. */
export interface Delivery {
  /** GitHub's `X-GitHub-Delivery`. A redelivery bears the same one. */
  readonly guid: string
  /** GitHub's `X-GitHub-Event`. */
  readonly event: string
  readonly payload: unknown
}

/** The payload lacks something that the event can't be acted on without. The message says what, without values. */
export class IncompleteEvent extends Data.TaggedError("IncompleteEvent")<{
  readonly event: string
  readonly message: string
}> {}

/** Whose an installation is. */
export interface InstallationAccount {
  readonly login: string
  /** `User`, `Organization` or `Enterprise`. */
  readonly type: string
}

/** An installation as an event showed it. */
export interface InstallationState {
  readonly id: number
  readonly account: Option.Option<InstallationAccount>
  readonly repositorySelection: Option.Option<"all" | "selected">
  readonly suspendedAt: Option.Option<DateTime.Utc>
  /** GitHub's time of this state. */
  readonly asOf: DateTime.Utc
}

export type PullRequestAction =
  | "opened"
  | "reopened"
  | "synchronize"
  | "ready_for_review"
  | "closed"
  | "converted_to_draft"

/** An event that something may have to be done about, or why there is nothing. */
export type WebhookEvent = Data.TaggedEnum<{
  PullRequest: {
    readonly action: PullRequestAction
    readonly installationId: number
    readonly owner: string
    readonly repo: string
    readonly number: number
    readonly title: string
    readonly state: "open" | "closed"
    readonly draft: boolean
    readonly headSha: string
    readonly baseBranch: string
  }
  /** A person's or a bot's comment, just written: on a pull request as a whole, or in a thread on lines of it. */
  Comment: {
    readonly installationId: number
    readonly owner: string
    readonly repo: string
    readonly number: number
    readonly title: string
    readonly state: "open" | "closed"
    readonly commentId: number
    /** The first comment of its thread, which may be itself; none on the pull request as a whole. */
    readonly thread: Option.Option<number>
    readonly authorLogin: string
    /** Also true of what we wrote ourselves. */
    readonly isBot: boolean
    readonly body: string
  }
  /** Somebody asks for a check run again, or pressed one of its buttons. */
  CheckRunAction: {
    readonly installationId: number
    readonly owner: string
    readonly repo: string
    readonly headSha: string
    readonly checkRunId: number
    readonly externalId: string
    /** `rerequested`, or the identifier of the button. */
    readonly action: string
    readonly senderLogin: string
    /** None for a pull request from a fork, which GitHub does not name. */
    readonly number: Option.Option<number>
  }
  /** Somebody asks for all checks of a commit again. */
  CheckSuiteRerequested: {
    readonly installationId: number
    readonly owner: string
    readonly repo: string
    readonly headSha: string
    readonly senderLogin: string
    /** As with `CheckRunAction`. */
    readonly number: Option.Option<number>
  }
  Installation: { readonly state: InstallationState; readonly deleted: boolean }
  /** Not acted on. */
  Other: { readonly reason: string }
}>
export const WebhookEvent = Data.taggedEnum<WebhookEvent>()
