import { Console, Effect, Option, Stream } from "effect"
import { JobStore } from "../../queue/JobStore.ts"
import { Told } from "../Failure.ts"
import * as Print from "./Print.ts"

interface AuditOptions {
  readonly perInstallation: Option.Option<number>
  readonly json: boolean
}

const write = (text: string) => Effect.sync(() => process.stdout.write(text))

/** What is found is printed as it is found, however much it is. */
export const run = ({ json, perInstallation }: AuditOptions) =>
  Effect.gen(function* () {
    const store = yield* JobStore
    const violations = store.audit({ perInstallation: Option.getOrUndefined(perInstallation) })
    const number = yield* Stream.runFoldEffect(violations, 0, (sofar, violation) =>
      Effect.as(
        json
          ? write(`${sofar === 0 ? '{"violations":[' : ","}${Print.encodeJson(violation)}`)
          : Console.log(Print.printable(`job ${violation.jobId}: ${violation.message} [${violation._tag}]`)),
        sofar + 1
      )
    )
    if (json) yield* write(number === 0 ? '{"violations":[]}\n' : "]}\n")
    else if (number === 0)
      yield* Console.log("No violations: every job is as its ledger says, and no leases overlapped.")
    else yield* Console.log(`${number} ${number === 1 ? "violation" : "violations"}.`)
    if (number > 0) return yield* new Told({ exitCode: 1 })
  })
