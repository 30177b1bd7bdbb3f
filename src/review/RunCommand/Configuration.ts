/** What is configured for a pull request, and where each value comes from. Pure. */
import { Record } from "effect"
import type { ConfigKey, ConfigSource } from "../EffectiveConfig.ts"
import { codeSpan, plainText, tableCell } from "../Neutralise.ts"
import type { ReadConfig } from "../ReadPolicy.ts"

const sources: { readonly [Source in ConfigSource]: string } = {
  default: "default",
  installation: "the installation's settings",
  repository: "the repository's file"
}

const longest = 200

const shorten = (text: string): string => (text.length > longest ? `${text.slice(0, longest)}…` : text)

/** What an installation tells its reviewer is not for everybody who can read the pull request. */
const shown = ({ sources, values }: ReadConfig, key: ConfigKey): string => {
  const value = values[key]
  return key === "review.instructions" && sources[key] === "installation" && value !== ""
    ? "set, not shown"
    : tableCell(codeSpan(shorten(JSON.stringify(value))))
}

const row = (config: ReadConfig, key: ConfigKey): string =>
  `| \`${key}\` | ${shown(config, key)} | ${sources[config.sources[key]]} |`

export const renderConfiguration = (config: ReadConfig): string =>
  [
    "The configuration of this pull request. The repository's file counts as it is at the base commit.",
    "",
    "<details>",
    "<summary>All values and their sources</summary>",
    "",
    "| value | | source |",
    "| --- | --- | --- |",
    ...Record.keys(config.values).map((key) => row(config, key)),
    "",
    "</details>",
    ...(config.notes.length === 0 ? [] : ["", ...config.notes.map((note) => `- ${plainText(note)}`)])
  ].join("\n")
