/**
 * Every setting, read once at the start from the environment, in groups so that a command loads only what it needs:
 *
 * ```ts
 * const { database, log } = yield* Config.load({ database: Config.database, log: Config.log })
 * ```
 */
import * as fs from "node:fs"
import * as util from "node:util"
import {
  Array,
  Config,
  ConfigProvider,
  type Duration,
  Effect,
  Either,
  Layer,
  LogLevel,
  Option,
  Redacted
} from "effect"
import { ConfigMistakes } from "./Config/ConfigMistakes.ts"
import { parseDashboardUrl } from "./Config/DashboardUrl.ts"
import { type EncryptionKeys, parseEncryptionKeys } from "./Config/EncryptionKeys.ts"
import { models } from "./Config/Models.ts"
import { parsePrivateKey } from "./Config/PrivateKey.ts"
import { secretVariables } from "./Config/SecretVariables.ts"
import * as Setting from "./Config/Setting.ts"
import { sweepEvery } from "./Config/Sweep.ts"
import type { ModelSettings } from "./model/Providers.ts"

export { ConfigMistakes, render } from "./Config/ConfigMistakes.ts"
export { models } from "./Config/Models.ts"
export { type Queue, queue } from "./Config/Queue.ts"

/** Loads the given groups. Fails with every mistake in them. */
export const load = <const Groups extends Readonly<Record<string, Config.Config<unknown>>>>(groups: Groups) =>
  Effect.mapError(Config.all(groups), (error) => new ConfigMistakes({ mistakes: Setting.mistakesIn(error) }))

/** The environment, and behind it a file `.env` in the working directory, if there is one. */
export const layer: Layer.Layer<never> = Layer.unwrapEffect(
  Effect.sync(() => {
    const file = Option.liftThrowable(() => fs.readFileSync(".env", "utf8"))()
    const environment = ConfigProvider.fromEnv()
    return Layer.setConfigProvider(
      Option.match(file, {
        onNone: () => environment,
        onSome: (content) =>
          ConfigProvider.orElse(environment, () => ConfigProvider.fromMap(variablesIn(content)))
      })
    )
  })
)

const entriesOf = (variables: NodeJS.Dict<string>) =>
  Object.entries(variables).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))

const variablesIn = (content: string) => new Map(entriesOf(util.parseEnv(content)))

export interface Database {
  /** None: the embedded PostgreSQL. */
  readonly url: Option.Option<Redacted.Redacted>
  /** Where the embedded PostgreSQL and other files are kept. */
  readonly dataDir: string
}

export const database: Config.Config<Database> = Config.all({
  url: Setting.optional("DATABASE_URL", (text) => {
    const protocol = Option.map(Option.liftThrowable(() => new URL(text))(), (url) => url.protocol)
    return Option.exists(protocol, (name) => name === "postgres:" || name === "postgresql:")
      ? Either.right(Redacted.make(text))
      : Either.left({
          problem: "It is not the URL of a PostgreSQL database.",
          remedy:
            "Write it as postgres://user:password@host:5432/database, with special characters in the password percent-encoded, or leave it unset to use the embedded PostgreSQL."
        })
  }),
  dataDir: Setting.withDefault("HOLDFAST_DATA_DIR", ".holdfast", Either.right)
})

/** The environment alone: for a command that runs in other people's folders, whose `.env` is theirs and not the operator's. */
export const environment: Layer.Layer<never> = Layer.setConfigProvider(ConfigProvider.fromEnv())

export interface GithubApp {
  /** The App's numeric id. */
  readonly appId: number
  /** PEM, PKCS#8. */
  readonly privateKey: Redacted.Redacted
  /** The base of the REST API, without a slash at its end. */
  readonly apiUrl: string
}

export interface Github extends GithubApp {
  /** Secrets that webhooks may be signed with; several only while they are rotated. */
  readonly webhookSecrets: Array.NonEmptyReadonlyArray<Redacted.Redacted>
  /** How often missed deliveries are looked for; none for never. */
  readonly sweepEvery: Option.Option<Duration.Duration>
}

const whereTheIdIs =
  "Set it to the App ID, a number, that the App's settings page on GitHub shows at its top."

const privateKey: Config.Config<Redacted.Redacted> = Config.mapOrFail(
  Config.all({
    key: Setting.optional("GITHUB_PRIVATE_KEY", parsePrivateKey),
    file: Setting.optional("GITHUB_PRIVATE_KEY_PATH", (path) =>
      Either.try({
        try: () => fs.readFileSync(path, "utf8"),
        catch: () => ({
          problem: `The file "${path}" can't be read.`,
          remedy:
            "Set it to the path of the App's private key (.pem), readable by the user that runs Holdfast."
        })
      }).pipe(Either.flatMap(parsePrivateKey))
    )
  }),
  ({ file, key }) => {
    if (Option.isSome(file) && Option.isSome(key)) {
      return Either.left(
        Setting.mistake("GITHUB_PRIVATE_KEY")({
          problem: "It is set, and so is GITHUB_PRIVATE_KEY_PATH.",
          remedy: "Keep one of them."
        })
      )
    }
    return Either.fromOption(
      Option.orElse(key, () => file),
      () =>
        Setting.mistake("GITHUB_PRIVATE_KEY")({
          problem: "It is not set, nor is GITHUB_PRIVATE_KEY_PATH.",
          remedy:
            "Set GITHUB_PRIVATE_KEY_PATH to the .pem file that GitHub gave you for the App, or GITHUB_PRIVATE_KEY to its content."
        })
    )
  }
)

const app = {
  appId: Setting.required(
    "GITHUB_APP_ID",
    whereTheIdIs,
    Setting.integer({ min: 1, max: Number.MAX_SAFE_INTEGER, remedy: whereTheIdIs })
  ),
  privateKey,
  apiUrl: Setting.withDefault("GITHUB_API_URL", "https://api.github.com", (text) => {
    const url = Option.filter(
      Option.liftThrowable(() => new URL(text))(),
      ({ hash, hostname, protocol, search, username }) =>
        /^https?:$/.test(protocol) && hostname !== "github.com" && `${hash}${search}${username}` === ""
    )
    return Option.isSome(url)
      ? Either.right(url.value.href.replace(/\/+$/, ""))
      : Either.left({
          problem: "It is not the base URL of a GitHub API.",
          remedy:
            "Leave it unset for github.com, or set it to https://<host>/api/v3 for GitHub Enterprise Server."
        })
  })
}

/** What the App needs for asking GitHub, without what it needs for being told. */
export const githubApp: Config.Config<GithubApp> = Config.all(app)

const makeSecret =
  "Set it to the secret of the App's webhook. Make one with: openssl rand -hex 32. Enter it on the App's settings page on GitHub, too."

export const github: Config.Config<Github> = Config.all({
  ...app,
  sweepEvery,
  webhookSecrets: Setting.required("GITHUB_WEBHOOK_SECRET", makeSecret, (text) => {
    const secrets = text.split(",").map((secret) => Redacted.make(secret.trim()))
    return Array.isNonEmptyReadonlyArray(secrets) && secrets.every((secret) => Redacted.value(secret) !== "")
      ? Either.right(secrets)
      : Either.left({
          problem: "It has an empty secret between its commas.",
          remedy: "Separate several secrets by single commas; a secret itself can't hold a comma."
        })
  })
})

export interface Server {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
}

export const server: Config.Config<Server> = Config.all({
  host: Setting.withDefault("HOST", "127.0.0.1", (text) =>
    /^[\w.:%-]+$/.test(text)
      ? Either.right(text)
      : Either.left({
          problem: `It is "${text}".`,
          remedy: "Set it to an address of this machine, such as 127.0.0.1, or to 0.0.0.0 for all of them."
        })
  ),
  port: Setting.withDefault(
    "PORT",
    3000,
    Setting.integer({
      min: 0,
      max: 65535,
      remedy: "Set it to a port from 1 to 65535, or to 0 for a free one."
    })
  )
})

export interface Review {
  readonly models: ModelSettings
  /** None: installations' own API keys can't be stored. */
  readonly encryptionKeys: Option.Option<EncryptionKeys>
  readonly dashboardUrl: Option.Option<string>
}

export const review: Config.Config<Review> = Config.all({
  models,
  encryptionKeys: Setting.optional("ENCRYPTION_KEY", parseEncryptionKeys),
  dashboardUrl: Setting.optional("HOLDFAST_DASHBOARD_URL", parseDashboardUrl)
})

export interface Log {
  readonly level: LogLevel.LogLevel
  readonly format: "pretty" | "json"
}

const levels = {
  trace: LogLevel.Trace,
  debug: LogLevel.Debug,
  info: LogLevel.Info,
  warning: LogLevel.Warning,
  error: LogLevel.Error,
  fatal: LogLevel.Fatal,
  none: LogLevel.None
}

export const log: Config.Config<Log> = Config.all({
  level: Config.map(
    Setting.withDefault(
      "LOG_LEVEL",
      "info",
      Setting.oneOf("trace", "debug", "info", "warning", "error", "fatal", "none")
    ),
    (name) => levels[name]
  ),
  format: Setting.withDefault("LOG_FORMAT", "pretty", Setting.oneOf("pretty", "json"))
})

/** The variables that any program needs; for starting one that is to see none of the others. */
export const ofTheMachine = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    ["PATH", "HOME", "LANG", "TMPDIR", "SystemRoot"].flatMap((name) => {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value] as const]
    })
  )

/** The environment for a program that needs the user's, such as git. */
export const withoutSecrets = (): Readonly<Record<string, string>> =>
  Object.fromEntries(entriesOf(process.env).filter(([name]) => !secretVariables.includes(name)))
