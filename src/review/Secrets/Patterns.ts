/**
 * Kinds of secrets that secretlint's recommended rules miss, or find too rarely or too often. Tried with 60 made-up ones:
 * test/model/SecretCorpus.ts. Every quantifier is bounded or runs over one class of characters, so that no text makes
 * the search slow.
 */
import { Option } from "effect"

export interface SecretPattern {
  /** As in `aws-access-key-id`. */
  readonly kind: string
  /** As people call it, with its article. */
  readonly name: string
  /** Finds the secret; or what leads to it as well, and then its only group, at its end, is the secret. */
  readonly regex: RegExp
  /**
   * Stands in every text in which the expression finds something, and is found, or not, in a tenth of its time. None where
   * the expression itself is quick, as those are that begin with a few letters of their own.
   */
  readonly mark?: RegExp
  /** Whether its first four characters are the same for all of its kind, and may be shown. */
  readonly hasPublicPrefix: boolean
  /** How far the secret goes, where the expression finds only how it begins. */
  readonly endOf?: (text: string, end: number) => number
  /** Where the secret begins, where the expression finds only how it ends; none where it ends nothing. */
  readonly startOf?: (text: string, start: number) => Option.Option<number>
}

const start = "(?<![A-Za-z0-9_-])"
const end = "(?![A-Za-z0-9_-])"

/** A token that is known by how it begins. */
export const token = (kind: string, name: string, body: string): SecretPattern => ({
  kind,
  name,
  regex: new RegExp(`${start}${body}${end}`, "g"),
  hasPublicPrefix: true
})

const base64url = "[A-Za-z0-9_-]"

/** Takes in the lines of base64 that follow, and the footer if it is there; also where a diff marks each line. */
const endOfPem = (text: string, end: number): number => {
  const line =
    /(?:\n-|\s|\\{1,4}[nr]|["',+]){0,20}(?:[A-Za-z0-9+/]{20,}={0,2}|[A-Za-z0-9+/]{1,64}={0,2}(?=\s{0,9}-----END)|-----END [A-Z ]{0,40}-----)/y
  let at = end
  for (;;) {
    line.lastIndex = at
    if (!line.test(text)) return at
    at = line.lastIndex
  }
}

/** The lines of base64 before a footer whose header lies outside of the text, as it can in a diff. */
const startOfPem = (text: string, start: number): Option.Option<number> => {
  let at = start
  for (;;) {
    const before = text.slice(Math.max(0, at - 200), at)
    const line = /(?<![A-Za-z0-9+/=])[A-Za-z0-9+/]{1,76}={0,2}(?:\n[-+ ]?|\s|\\{1,4}[nr]|["',+]){1,20}$/.exec(
      before
    )?.[0]
    // The last line can be short; one before it is not.
    if (line === undefined || (at !== start && !/^[A-Za-z0-9+/]{40}/.test(line))) break
    at -= line.length
  }
  return /[A-Za-z0-9+/]{40}/.test(text.slice(at, start)) ? Option.some(at) : Option.none()
}

export const patterns: ReadonlyArray<SecretPattern> = [
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html: long-term and temporary keys.
  token("aws-access-key-id", "an AWS access key id", "(?:AKIA|ASIA)[A-Z2-7]{16}"),
  {
    kind: "aws-secret-access-key",
    name: "an AWS secret access key",
    // Only where it is named: forty characters alone could be anything.
    mark: /access_?key/i,
    regex:
      /(?<=secret_?access_?key["']?\s{0,10}(?::|=>|=)\s{0,10}["']?)[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/gi,
    hasPublicPrefix: false
  },
  token("openai-key", "an OpenAI API key", `sk-(?:proj|svcacct|admin)-${base64url}{40,200}`),
  token("openrouter-key", "an OpenRouter API key", "sk-or-v1-[0-9a-f]{64}"),
  token("xai-key", "an xAI API key", "xai-[A-Za-z0-9]{70,100}"),
  token("google-api-key", "a Google API key", `AIza${base64url}{35}`),
  token("google-oauth-secret", "a Google OAuth client secret", `GOCSPX-${base64url}{28}`),
  token("stripe-key", "a Stripe live key", "(?:sk|rk)_live_[A-Za-z0-9]{20,250}"),
  token(
    "github-token",
    "a GitHub token",
    "(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{60,100})"
  ),
  token(
    "slack-token",
    "a Slack token",
    "(?:xox[abporse]-[A-Za-z0-9-]{20,250}|xapp-\\d-[A-Z0-9]{5,20}-\\d{5,20}-[0-9a-f]{40,80})"
  ),
  token("pypi-token", "a PyPI token", `pypi-AgEIcHlwaS5vcmc${base64url}{50,250}`),
  token("rubygems-key", "a RubyGems API key", "rubygems_[0-9a-f]{48}"),
  token("digitalocean-token", "a DigitalOcean token", "do[opr]_v1_[0-9a-f]{64}"),
  {
    ...token("terraform-token", "a Terraform Cloud token", `[A-Za-z0-9]{14}\\.atlasv1\\.${base64url}{60,70}`),
    mark: /\.atlasv1\./
  },
  token("atlassian-token", "an Atlassian API token", `ATATT3xFf${base64url}{50,250}(?:=[0-9A-F]{8})?`),
  token("supabase-token", "a Supabase token", `sb(?:p_[0-9a-f]{40}|_secret_${base64url}{31})`),
  token("postman-key", "a Postman API key", "PMAK-[0-9a-f]{24}-[0-9a-f]{34}"),
  token("sentry-token", "a Sentry token", "sntry[su]_[A-Za-z0-9+/=_-]{60,250}"),
  token("airtable-token", "an Airtable token", "pat[A-Za-z0-9]{14}\\.[0-9a-f]{64}"),
  token("planetscale-token", "a PlanetScale token", `pscale_(?:tkn|pw|oauth)_${base64url}{32,64}`),
  token("square-token", "a Square token", `sq0(?:atp-${base64url}{22}|csp-${base64url}{43})`),
  token("newrelic-key", "a New Relic key", "NRAK-[A-Z0-9]{27}"),
  token("mailgun-key", "a Mailgun API key", "key-[0-9a-f]{32}"),
  token("age-secret-key", "an age secret key", "AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}"),
  token("1password-token", "a 1Password service account token", "ops_eyJ[A-Za-z0-9+/=_-]{200,1500}"),
  token("telegram-token", "a Telegram bot token", `\\d{8,10}:AA${base64url}{33}`),
  token(
    "discord-token",
    "a Discord bot token",
    `[MNO][A-Za-z0-9]{23,27}\\.${base64url}{6}\\.${base64url}{27,38}`
  ),
  token(
    "gitlab-token",
    "a GitLab token",
    `gl(?:pat|ptt|dt|rt|rtr|cbt|ft|imt|agent|ffct|oas|soat|wt)-[A-Za-z0-9_.-]{20,300}`
  ),
  token("heroku-key", "a Heroku API key", `HRKU-${base64url}{36,64}`),
  token("twilio-key", "a Twilio API key", "SK[0-9a-f]{32}"),
  token("stripe-key", "a Stripe webhook secret", "whsec_[A-Za-z0-9+/]{32,64}={0,2}"),
  token("notion-token", "a Notion token", "secret_[A-Za-z0-9]{43}"),
  token("vault-token", "a HashiCorp Vault token", `hv[sbr]\\.${base64url}{60,300}`),
  token("square-token", "a Square token", `EAAA${base64url}{60}`),
  token(
    "google-oauth-token",
    "a Google OAuth token",
    `(?:ya29\\.${base64url}{40,400}|1//0${base64url}{40,120})`
  ),
  token("perplexity-key", "a Perplexity API key", "pplx-[A-Za-z0-9]{48}"),
  token("replicate-token", "a Replicate token", "r8_[A-Za-z0-9]{37}"),
  token("fly-token", "a Fly.io token", "fm[12]_[A-Za-z0-9+/=_]{80,1500}"),
  token("dynatrace-token", "a Dynatrace token", "dt0[a-z]\\d\\d\\.[A-Z2-7]{24}\\.[A-Z2-7]{64}"),
  token("pulumi-token", "a Pulumi token", "pul-[0-9a-f]{40}"),
  token("doppler-token", "a Doppler token", "dp\\.(?:pt|st|ct|sa|scim|audit)\\.[A-Za-z0-9_.-]{40,60}"),
  token("brevo-key", "a Brevo API key", "xkeysib-[0-9a-f]{64}-[A-Za-z0-9]{16}"),
  token("hubspot-token", "a HubSpot token", "pat-(?:na|eu)\\d-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
  {
    kind: "mailchimp-key",
    name: "a Mailchimp API key",
    mark: /-us\d/,
    regex: new RegExp(`${start}[0-9a-f]{32}-us\\d{1,2}${end}`, "g"),
    hasPublicPrefix: false
  },
  {
    kind: "azure-client-secret",
    name: "an Azure client secret",
    mark: /\dQ~/,
    regex: new RegExp(`${start}[A-Za-z0-9_.~-]{3}\\dQ~[A-Za-z0-9_.~-]{31,34}${end}`, "g"),
    hasPublicPrefix: false
  },
  {
    kind: "azure-shared-access-key",
    name: "an Azure shared access key",
    mark: /SharedAccessKey=/,
    regex: /(?<=SharedAccessKey=)[A-Za-z0-9+/]{43}=/g,
    hasPublicPrefix: false
  },
  {
    kind: "slack-webhook",
    name: "a Slack webhook address",
    mark: /hooks\.slack\.com/,
    regex: /(?<=hooks\.slack\.com\/)(?:workflows|triggers)\/[A-Za-z0-9/]{30,120}/g,
    hasPublicPrefix: false
  },
  {
    kind: "discord-webhook",
    name: "a Discord webhook address",
    mark: /\/api\/webhooks\//,
    regex: new RegExp(`(?<=discord(?:app)?\\.com/api/webhooks/)\\d{17,20}/${base64url}{60,80}`, "g"),
    hasPublicPrefix: false
  },
  {
    kind: "azure-storage-key",
    name: "an Azure storage account key",
    mark: /AccountKey=/,
    regex: /(?<=AccountKey=)[A-Za-z0-9+/]{86}==/g,
    hasPublicPrefix: false
  },
  {
    kind: "private-key",
    name: "a private key",
    // The end may lie outside the diff, so the beginning is enough: the header, perhaps headers of PGP, and base64.
    regex:
      /-----BEGIN (?:[A-Z]{2,10} ){0,2}PRIVATE KEY(?: BLOCK)?-----(?:\n-|\s|\\{1,4}[nr]|["'+,]|[A-Za-z-]{3,20}: [^\n]{0,80}\n){0,40}[A-Za-z0-9+/]{40,}/g,
    hasPublicPrefix: false,
    endOf: endOfPem
  },
  {
    kind: "private-key",
    name: "a private key",
    regex: /-----END (?:[A-Z]{2,10} ){0,2}PRIVATE KEY(?: BLOCK)?-----/g,
    hasPublicPrefix: false,
    startOf: startOfPem
  },
  {
    kind: "private-key",
    name: "a private key",
    // PuTTY's own format.
    regex: /Private-Lines: \d{1,3}(?:\n-|\s|\\{1,4}[nr]|["'+,]){1,8}[A-Za-z0-9+/]{40,}/g,
    hasPublicPrefix: false,
    endOf: endOfPem
  },
  {
    kind: "password-in-url",
    name: "a password in a URL",
    mark: /:\/\//,
    regex:
      /(?<=(?<![A-Za-z0-9+.-])[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@'"`<>{}$%]{0,80}:)[^\s@/'"`<>{}$%]{4,200}(?=@[A-Za-z0-9])/gi,
    hasPublicPrefix: false
  }
]

const placeholder =
  /example|placeholder|dummy|changeme|change_me|redacted|your[_-]?|secret[_-]?here|x{4,}|\*{3,}|\.{3,}|0{6,}|1234567890|abcdefghij/i

/** Whether the text is more than a stand-in such as `sk-proj-xxxx`. A secret of these kinds looks random. */
export const looksReal = (text: string): boolean => new Set(text).size >= 8 && !placeholder.test(text)

const commonPasswords =
  /^(pass(word)?\d*|passwd|secret|postgres|mysql|mariadb|mongo(db)?|redis|root|admin|user(name)?|test(ing)?|guest|rabbitmq|minio(admin)?|dev(elopment)?|local|example|changeme|foo|bar|foobar|token|pw|pwd|x-oauth-basic|x-access-token)$/i

/** Names that lead nowhere outside of one machine or one set of containers, and those of RFC 2606. */
const localHost =
  /^(localhost|[^.]+|127\.\d+\.\d+\.\d+|0\.0\.0\.0|host\.docker\.internal|(.*\.)?(example|test|invalid|localhost|local)|(.*\.)?example\.(com|net|org))$/i

/** Whether a password in a URL protects anything: not a documented default, and not on a host that only exists locally. */
export const isPasswordWorthReporting = (password: string, after: string, before: string): boolean => {
  const host = /^@([A-Za-z0-9.-]+)/.exec(after)?.[1]?.replace(/\.$/, "") ?? ""
  const user = /\/\/([^/:@]*):$/.exec(before)?.[1] ?? ""
  return (
    !commonPasswords.test(password) &&
    !placeholder.test(password) &&
    password !== user &&
    !/^(.)\1*$/.test(password) &&
    !localHost.test(host)
  )
}
