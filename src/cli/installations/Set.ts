import { Console, Effect, Option } from "effect"
import * as Config from "../../Config.ts"
import { encrypt } from "../../review/ApiKeyCipher.ts"
import * as Installations from "../../review/Installations.ts"
import { CommandFailed } from "../Failure.ts"
import * as Print from "../jobs/Print.ts"
import { describeInstallation, noSuchInstallation } from "./Describe.ts"
import { readKey } from "./ReadKey.ts"

interface SetOptions {
  readonly id: number
  readonly wanted: Installations.Change
  /** Whether a key is to be read. */
  readonly key: boolean
  readonly json: boolean
}

const encrypted = (id: number) =>
  Effect.gen(function* () {
    const { review } = yield* Config.load({ review: Config.review })
    const key = yield* readKey
    return yield* encrypt(
      Option.getOrElse(review.encryptionKeys, () => []),
      id,
      key
    )
  })

/** `holdfast installations set` */
export const run = ({ id, json, key, wanted }: SetOptions) =>
  Effect.gen(function* () {
    if (!key && Object.keys(wanted).length === 0) {
      return yield* new CommandFailed({
        message: "There is nothing to set. `holdfast installations set --help` lists what there is."
      })
    }
    if (Option.isNone(yield* Installations.find(id))) {
      return yield* new CommandFailed({ message: noSuchInstallation(id) })
    }
    const apiKey = key ? { apiKey: yield* encrypted(id) } : {}
    yield* Installations.change(id, { ...wanted, ...apiKey })
    const changed = yield* Installations.find(id)
    if (Option.isSome(changed)) {
      yield* json ? Print.json(changed.value) : Console.log(describeInstallation(changed.value))
    }
  })
