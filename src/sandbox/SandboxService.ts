/** What a running sandbox offers to a program in the same process, and what one is started with. */
import type { Duration, Effect, Redacted } from "effect"
import type { InstallationControls } from "./Controls/Installations.ts"
import type { Controls } from "./Controls.ts"
import type { Faults } from "./Faults.ts"
import type { Delivery } from "./github/Delivery.ts"
import type { GithubState } from "./github/GithubState.ts"
import type { InitialStateOptions } from "./github/InitialState.ts"
import type { InstallationAction, NoSuchInstallation } from "./github/Installations.ts"
import type { Journal } from "./Journal.ts"
import type { Views } from "./Views.ts"
import type { NoSuchDelivery } from "./Webhooks.ts"

export interface SandboxOptions {
  /** 0, the default, takes a free port. */
  readonly port?: number
  /** 127.0.0.1 when absent. */
  readonly host?: string
  /** As in `/api/v3`, for the form of GitHub Enterprise Server. Nothing when absent. */
  readonly basePath?: string
  readonly appId?: number
  readonly slug?: string
  readonly owner?: string
  readonly repo?: string
  /** What the app was granted. */
  readonly permissions?: GithubState["app"]["permissions"]
  /** What people may do in the repository: the owner is its admin and everybody else may read when absent. */
  readonly collaborators?: InitialStateOptions["collaborators"]
  /** The app's private key as PKCS#8 or PKCS#1 PEM; a new one is made when absent. */
  readonly privateKey?: Redacted.Redacted
  readonly webhookSecret?: Redacted.Redacted
  /** Where webhooks go; can be set later. */
  readonly webhookUrl?: string
  /** One hour when absent. */
  readonly tokenLifetime?: Duration.DurationInput
  /** Requests an hour for each installation; 5,000 when absent. */
  readonly rateLimit?: number
  /** Patches of more lines are left out of the files listing; 3,000 when absent. */
  readonly maxPatchLines?: number
}

interface SandboxApp {
  readonly id: number
  readonly slug: string
  /** `<slug>[bot]` */
  readonly login: string
  /** PEM */
  readonly privateKey: Redacted.Redacted
  readonly webhookSecret: Redacted.Redacted
}

export interface SandboxService {
  /** What GITHUB_API_URL is to be set to. */
  readonly url: string
  readonly app: SandboxApp
  /** The installation that is there from the start. */
  readonly installationId: number
  readonly owner: string
  readonly repo: string
  /** What people do: open a pull request, push, close. */
  readonly pulls: Controls
  /** What can be seen. */
  readonly view: Views
  readonly faults: Faults
  readonly journal: Journal
  readonly webhooks: {
    /** The secret stays the app's when none is given. Undefined switches webhooks off. */
    readonly configure: (url: string | undefined, secret?: Redacted.Redacted) => Effect.Effect<void>
    readonly redeliver: (guid: string) => Effect.Effect<Delivery, NoSuchDelivery>
    /** Newest first. */
    readonly deliveries: Effect.Effect<ReadonlyArray<Delivery>>
    readonly ping: Effect.Effect<Delivery | undefined>
    /** Says that the app was installed, removed, suspended or let back in, and makes it so; the first one's when no id is given. */
    readonly installation: (
      action: InstallationAction,
      id?: number
    ) => Effect.Effect<Delivery | undefined, NoSuchInstallation>
  }
  /** Installs the app on another account, with the webhook that says so. */
  readonly install: InstallationControls["install"]
  /** A token for another account, to see the sandbox through other eyes: a login that ends in `[bot]` is a bot. */
  readonly tokenFor: (login: string) => Effect.Effect<Redacted.Redacted>
  readonly clock: {
    /** Milliseconds since 1970. */
    readonly now: Effect.Effect<number>
    /** Moves the sandbox's clock ahead of the real one, as for tokens that expire. */
    readonly advance: (by: Duration.DurationInput) => Effect.Effect<void>
  }
}
