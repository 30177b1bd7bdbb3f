/** `.env` and its kin, which hold what differs between machines, secrets among it. */
import { Option } from "effect"
import type { Severity } from "../../review/Finding.ts"
import { nameOf, newFileRule } from "./FileRule.ts"

const template = /[._-](example|sample|template|tmpl|dist|defaults?|schema|ci)\b/i

const severityOf = (name: string): Severity => {
  if (/\.(test|testing)$/i.test(name)) return "low"
  // Frameworks ask for these two to be committed, without secrets.
  return /\.(development|dev)$/i.test(name) ? "medium" : "high"
}

export const environmentFile = newFileRule("environment-file", (path) => {
  const name = nameOf(path)
  return /^\.env(\.[\w.-]+)?$/i.test(name) && !template.test(name)
    ? Option.some({
        rule: "environment-file",
        severity: severityOf(name),
        title: `The environment file \`${name}\` is committed`,
        message:
          `\`${path}\` is read for the settings of one machine and usually holds passwords and keys. Take it out, list it in ` +
          "`.gitignore`, and commit a `.env.example` with the names and no values. What it held is in the history now: replace it."
      })
    : Option.none()
})
