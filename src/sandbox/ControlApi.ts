/** The sandbox's own small API under `/_sandbox`. */
import { HttpRouter, HttpServerResponse } from "@effect/platform"
import { Effect } from "effect"
import type { SandboxService } from "./SandboxService.ts"

export const makeControlApi = (sandbox: SandboxService) =>
  Effect.succeed(
    HttpRouter.empty.pipe(
      HttpRouter.get("/_sandbox", Effect.succeed(HttpServerResponse.unsafeJson({ url: sandbox.url })))
    )
  )
