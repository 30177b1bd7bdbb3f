import { Console, Effect, Option } from "effect"
import * as Installations from "../../review/Installations.ts"
import { CommandFailed } from "../Failure.ts"
import * as Print from "../jobs/Print.ts"
import { describeInstallation, noSuchInstallation } from "./Describe.ts"

/** `holdfast installations show` */
export const run = ({ id, json }: { readonly id: number; readonly json: boolean }) =>
  Effect.gen(function* () {
    const found = yield* Installations.find(id)
    if (Option.isNone(found)) return yield* new CommandFailed({ message: noSuchInstallation(id) })
    yield* json ? Print.json(found.value) : Console.log(describeInstallation(found.value))
  })
