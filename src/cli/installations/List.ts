import { Console, Effect } from "effect"
import * as Installations from "../../review/Installations.ts"
import * as Print from "../jobs/Print.ts"

/** `holdfast installations list` */
export const run = ({ json }: { readonly json: boolean }) =>
  Effect.gen(function* () {
    const installations = yield* Installations.list
    if (json) return yield* Print.json(installations)
    if (installations.length === 0) {
      return yield* Console.log("Nobody has installed the App yet, as far as webhooks have told.")
    }
    yield* Console.log(
      Print.table([
        ["ID", "ACCOUNT", "TYPE", "STATE", "PROVIDER", "MODEL", "KEY"],
        ...installations.map(({ account, id, settings, state, type }) => [
          String(id),
          account,
          type,
          settings.enabled === false ? `${state}, switched off` : state,
          settings.provider ?? "",
          settings.model ?? "",
          settings.has_api_key ? "its own" : ""
        ])
      ])
    )
  })
