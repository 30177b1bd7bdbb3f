/**
 * The recommended rules of secretlint, https://github.com/secretlint/secretlint.
 *
 * Left out: `filter-comments`, by which the text under review could switch the search off, and the two rules for
 * passwords in URLs, which also report the defaults of local databases.
 */
import { lintSource } from "@secretlint/core"
import { rules } from "@secretlint/secretlint-rule-preset-recommend"
import { Effect } from "effect"

const prefix = "@secretlint/secretlint-rule-"

const leftOut = new Set(
  ["filter-comments", "basicauth", "database-connection-string"].map((name) => prefix + name)
)

const kinds: { readonly [rule: string]: readonly [kind: string, name: string] } = {
  aws: ["aws-secret-access-key", "an AWS secret access key"],
  gcp: ["gcp-service-account-key", "a Google Cloud service account key"],
  privatekey: ["private-key", "a private key"],
  npm: ["npm-token", "an npm token"],
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

const config = {
  rules: rules.filter((rule) => !leftOut.has(rule.meta.id)).map((rule) => ({ id: rule.meta.id, rule }))
}

export interface SecretlintMatch {
  readonly kind: string
  readonly name: string
  readonly start: number
  readonly end: number
}

/** Runs the rules over a text. The path tells some of them what kind of file it is; nothing is read from a disk. */
export const runSecretlint = (text: string, path: string): Effect.Effect<ReadonlyArray<SecretlintMatch>> =>
  Effect.promise(() =>
    lintSource({
      source: { content: text, filePath: path, contentType: "text" },
      options: { config, noPhysicFilePath: true, maskSecrets: true }
    })
  ).pipe(
    Effect.map(({ messages }) =>
      messages.map(({ ruleId, messageId, range: [start, end] }) => {
        const [kind, name] = kindOf(ruleId, messageId)
        return { kind, name, start, end }
      })
    )
  )
