/**
 * The recommended rules of secretlint, https://github.com/secretlint/secretlint, run without its core.
 *
 * `@secretlint/core` marks every step of every run in node's performance timeline and keeps the marks for the life of the
 * process, comparing each with all before it: 12,000 files left a million marks and minutes of computing behind. A rule
 * needs little of it: something to report to, and the text.
 */

import { rules } from "@secretlint/secretlint-rule-preset-recommend"
import type { SecretLintSourceCode } from "@secretlint/types"
import { Effect } from "effect"

const prefix = "@secretlint/secretlint-rule-"

/**
 * `filter-comments`: with it the text under review could switch the search off. `gcp`: it opens files by the path that the
 * pull request names; the keys in them are found as private keys. The other two also report the defaults of local
 * databases.
 */
const leftOut = new Set(
  ["filter-comments", "gcp", "basicauth", "database-connection-string"].map((name) => prefix + name)
)

const kinds: { readonly [rule: string]: readonly [kind: string, name: string] } = {
  aws: ["aws-secret-access-key", "an AWS secret access key"],
  privatekey: ["private-key", "a private key"],
  npm: ["npm-token", "an npm token"],
  slack: ["slack-token", "a Slack token"],
  sendgrid: ["sendgrid-key", "a SendGrid API key"],
  shopify: ["shopify-key", "a Shopify token"],
  github: ["github-token", "a GitHub token"],
  gitlab: ["gitlab-token", "a GitLab token"],
  grafana: ["grafana-token", "a Grafana token"],
  openai: ["openai-key", "an OpenAI API key"],
  anthropic: ["anthropic-key", "an Anthropic API key"],
  groq: ["groq-key", "a Groq API key"],
  huggingface: ["huggingface-token", "a Hugging Face token"],
  linear: ["linear-key", "a Linear API key"],
  notion: ["notion-token", "a Notion token"],
  "1password": ["1password-token", "a 1Password service account token"],
  "hashicorp-vault": ["vault-token", "a HashiCorp Vault token"],
  vercel: ["vercel-token", "a Vercel token"],
  databricks: ["databricks-token", "a Databricks token"],
  docker: ["docker-token", "a Docker token"],
  figma: ["figma-token", "a Figma token"]
}

const kindOf = (ruleId: string, messageId: string): readonly [kind: string, name: string] => {
  if (messageId === "IncomingWebhook") return ["slack-webhook", "a Slack webhook address"]
  const rule = ruleId.replace(prefix, "")
  return kinds[rule] ?? [`${rule}-token`, `a secret (${rule})`]
}

const used = rules.filter((rule) => !leftOut.has(rule.meta.id))

export interface SecretlintMatch {
  readonly kind: string
  readonly name: string
  readonly start: number
  readonly end: number
}

/** No rule in use asks where in a line something stands; ranges are enough. */
const nowhere = { line: 1, column: 0 }

/** Runs the rules over a text. The path tells some of them what kind of file it is; nothing is read from a disk. */
export const runSecretlint = (text: string, path: string): Effect.Effect<ReadonlyArray<SecretlintMatch>> =>
  Effect.promise(async () => {
    const matches: Array<SecretlintMatch> = []
    const source: SecretLintSourceCode = {
      hasBOM: false,
      content: text,
      filePath: path,
      physicalFilePath: undefined,
      contentType: "text",
      ext: "",
      getFilePath: () => path,
      getPhysicalFilePath: () => undefined,
      locationToRange: () => [0, 0],
      rangeToLocation: () => ({ start: nowhere, end: nowhere }),
      positionToIndex: () => 0,
      indexToPosition: () => nowhere
    }
    for (const rule of used) {
      const handler = rule.create(
        {
          sharedOptions: {},
          // The rules' own messages repeat the secret; only the message's name is taken.
          createTranslator: () => (messageId) => ({
            message: "",
            messageId: String(messageId),
            data: undefined
          }),
          report: ({ message, range: [start, end] }) => {
            const [kind, name] = kindOf(rule.meta.id, message.messageId)
            matches.push({ kind, name, start, end })
          },
          ignore: () => undefined
        },
        {}
      )
      await handler.file?.(source)
    }
    return matches
  })
