import * as Command from "@effect/cli/Command"
import { Effect } from "effect"

export const sandbox = Command.make("sandbox", {}, () => Effect.void)
