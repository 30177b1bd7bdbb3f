/**
 * The sandbox's own small API under `/_sandbox`, JSON in and out: what people do on GitHub's pages, what can be seen
 * there, and what can go wrong. It has no authentication; the sandbox is for one's own machine.
 */
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { Effect } from "effect"
import { faultRoutes } from "./control/FaultRoutes.ts"
import { installationRoutes } from "./control/InstallationRoutes.ts"
import { observeRoutes } from "./control/ObserveRoutes.ts"
import { peopleRoutes } from "./control/PeopleRoutes.ts"
import { pullRoutes } from "./control/PullRoutes.ts"
import { setupRoutes } from "./control/SetupRoutes.ts"
import type { SandboxService } from "./SandboxService.ts"

const missing = new Set([
  "RouteNotFound",
  "NotThere",
  "NoSuchPull",
  "NoSuchDelivery",
  "NoSuchInstallation",
  "NoSuchScenario"
])

/** Every refusal has a sentence that says what was wrong. */
const refuse = (error: { readonly _tag: string; readonly message: string }) =>
  HttpServerResponse.unsafeJson(
    { message: error.message === "" ? error._tag : error.message },
    { status: missing.has(error._tag) ? 404 : 422 }
  )

/** An app for everything below `/_sandbox`. */
export const controlApi = (sandbox: SandboxService) =>
  HttpRouter.concatAll(
    setupRoutes(sandbox),
    installationRoutes(sandbox),
    pullRoutes(sandbox.pulls),
    peopleRoutes(sandbox.pulls),
    faultRoutes(sandbox.faults),
    observeRoutes(sandbox)
  ).pipe(
    HttpRouter.prefixAll("/_sandbox"),
    Effect.catchAll((error) => Effect.succeed(refuse(error)))
  )
