/** What the people of an account do with the app as a whole: install it, remove it, suspend it. */
import { Effect } from "effect"
import type { Delivery } from "../github/Delivery.ts"
import type { Installation } from "../github/GithubState.ts"
import {
  changeInstallation,
  type InstallationAction,
  type Installing,
  install,
  type NoSuchInstallation
} from "../github/Installations.ts"
import type { Impossible } from "../github/Pulls.ts"
import { installationEvent } from "../rendered/RenderedEvent.ts"
import type { Urls } from "../rendered/Urls.ts"
import type { Webhooks } from "../Webhooks.ts"
import type { World } from "../World.ts"

/** The state first, then the webhook. */
export interface InstallationControls {
  readonly install: (
    installing: Installing
  ) => Effect.Effect<{ readonly installationId: number; readonly delivery: Delivery | undefined }, Impossible>
  readonly change: (
    id: number,
    action: InstallationAction
  ) => Effect.Effect<Delivery | undefined, NoSuchInstallation>
}

export const makeInstallationControls = ({
  urls,
  webhooks,
  world
}: {
  readonly world: World
  readonly webhooks: Webhooks
  readonly urls: Urls
}): InstallationControls => {
  const announce = (installation: Installation, action: InstallationAction) =>
    Effect.flatMap(world.state, (state) =>
      webhooks.deliver(installationEvent(state, installation, action, urls))
    )
  return {
    install: Effect.fn("Controls.install")(function* (installing: Installing) {
      const now = yield* world.now
      const installation = yield* world.change((state) => install(state, installing, now))
      return { installationId: installation.id, delivery: yield* announce(installation, "created") }
    }),
    change: Effect.fn("Controls.changeInstallation")(function* (id: number, action: InstallationAction) {
      const now = yield* world.now
      const installation = yield* world.change((state) => changeInstallation(state, id, action, now))
      return yield* announce(installation, action)
    })
  }
}
