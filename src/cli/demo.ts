import * as Command from "@effect/cli/Command"
import { Effect } from "effect"

export const demo = Command.make("demo", {}, () => Effect.void)
