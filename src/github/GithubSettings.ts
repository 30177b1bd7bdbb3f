/** Which App this is, and where its GitHub answers. */
import { Context, Duration, type Redacted } from "effect"

export class GithubSettings extends Context.Tag("holdfast/GithubSettings")<
  GithubSettings,
  GithubSettings.Settings
>() {
  static readonly defaults = {
    apiUrl: "https://api.github.com",
    requestTimeout: Duration.seconds(30)
  } as const
}

export declare namespace GithubSettings {
  interface Settings {
    /** The App's numeric id, shown on its settings page. */
    readonly appId: number
    /** The App's private key as PEM, PKCS#1 as GitHub hands it out or PKCS#8. */
    readonly privateKey: Redacted.Redacted<string>
    /** The base of the REST API: `https://api.github.com`, or `https://<host>/api/v3` for GitHub Enterprise Server. */
    readonly apiUrl: string
    /** How long one request may take, answer included. GitHub itself gives up after about 10 seconds. */
    readonly requestTimeout: Duration.Duration
  }
}
