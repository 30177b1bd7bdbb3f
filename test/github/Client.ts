/** The client under test, for a sandbox or for whatever else plays GitHub. */
import { Duration, Effect, Layer, type Redacted, type Scope } from "effect"
import { Github, type InstallationClient } from "../../src/github/Github.ts"
import type { GithubError } from "../../src/github/GithubError.ts"
import * as GithubRest from "../../src/github/GithubRest.ts"
import { GithubSettings } from "../../src/github/GithubSettings.ts"
import type { SandboxService } from "../../src/sandbox/Sandbox.ts"

export interface Place {
  readonly url: string
  readonly app: { readonly id: number; readonly privateKey: Redacted.Redacted }
}

/** `Github` for this place. Requests are given up after `requestTimeout`. */
export const layerFor = (
  { app, url }: Place,
  requestTimeout: Duration.DurationInput = GithubSettings.defaults.requestTimeout
): Layer.Layer<Github> =>
  GithubRest.layer.pipe(
    Layer.provide(
      Layer.succeed(GithubSettings, {
        appId: app.id,
        privateKey: app.privateKey,
        apiUrl: url,
        requestTimeout: Duration.decode(requestTimeout)
      })
    )
  )

/** A client for the installation that a sandbox has from the start. */
export const clientOf = (
  sandbox: SandboxService,
  requestTimeout?: Duration.DurationInput
): Effect.Effect<InstallationClient, GithubError, Scope.Scope> =>
  Effect.flatMap(Github, (github) => github.installation(sandbox.installationId)).pipe(
    Effect.provide(layerFor(sandbox, requestTimeout))
  )

/** How often the sandbox was asked. */
export const asked = (sandbox: SandboxService, method: string, path: RegExp): Effect.Effect<number> =>
  Effect.map(
    sandbox.journal.entries,
    (entries) => entries.filter((entry) => entry.method === method && path.test(entry.path)).length
  )
