import type { Installation } from "../../review/Installations.ts"
import * as Print from "../jobs/Print.ts"

const say = (value: unknown): string => {
  if (value === null) return "as the operator set it"
  return Array.isArray(value) ? value.join(", ") : String(value)
}

/** An installation as a person reads it. */
export const describeInstallation = ({ account, id, settings, state, type }: Installation): string => {
  const { has_api_key: hasApiKey, ...values } = settings
  return [
    Print.printable(`Installation ${id}: ${account} (${type}), ${state}`),
    "",
    Print.table([
      ...Object.entries(values).map(([name, value]) => [name.replaceAll("_", "-"), say(value)]),
      ["key", hasApiKey ? "its own" : say(null)]
    ])
  ].join("\n")
}

export const noSuchInstallation = (id: number): string =>
  `There is no installation ${id}. \`holdfast installations list\` lists those that GitHub has told of; an installation is known from its first webhook on.`
