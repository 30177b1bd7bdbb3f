/**
 * Made-up secrets in the formats that services really use. Each is put together from pieces when the test runs, so that
 * no scanner, ours or a host's, trips over this file, and none of them ever opened anything.
 */

/** A run of characters that looks random and is always the same. */
const fill = (length: number, alphabet: string, seed: number): string => {
  let state = (seed * 2654435761 + 12345) % 4294967296
  let text = ""
  for (let index = 0; index < length; index++) {
    state = (state * 1664525 + 1013904223) % 4294967296
    text += alphabet.charAt(Math.floor((state / 4294967296) * alphabet.length))
  }
  return text
}

const upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
const lower = upper.toLowerCase()
const digits = "0123456789"
const hex = (length: number, seed: number): string => fill(length, `${digits}abcdef`, seed)
const alnum = (length: number, seed: number): string => fill(length, upper + lower + digits, seed)
const join = (...pieces: ReadonlyArray<string>): string => pieces.join("")

export interface DummySecret {
  readonly name: string
  /** The line that holds it. */
  readonly line: string
  /** The part that must never be shown. */
  readonly secret: string
  /** Rule that reports it, without `secret/`. */
  readonly kind: string
}

/** @param secret what of the value must not be shown; all of it when absent */
const assigned = (name: string, kind: string, value: string, secret = value): DummySecret => ({
  name,
  kind,
  secret,
  line: `const value = "${value}"`
})

const uuid = (seed: number): string =>
  [8, 4, 4, 4, 12].map((length, at) => hex(length, seed + at * 7)).join("-")

const pem = (label: string): DummySecret => {
  const body = [alnum(64, 71), alnum(64, 72), alnum(64, 73)]
  return {
    name: `${label} PEM`,
    kind: "private-key",
    secret: body.join("\n"),
    line: [join("-----BEGIN ", label, "-----"), ...body, join("-----END ", label, "-----")].join("\n")
  }
}

export const dummySecrets: ReadonlyArray<DummySecret> = [
  assigned("AWS access key id", "aws-access-key-id", join("AK", "IA", fill(16, `${upper}234567`, 1))),
  assigned("AWS temporary key id", "aws-access-key-id", join("AS", "IA", fill(16, `${upper}234567`, 2))),
  {
    name: "AWS secret access key",
    kind: "aws-secret-access-key",
    secret: alnum(40, 3),
    line: `${join("aws_secret", "_access_key")} = "${alnum(40, 3)}"`
  },
  assigned("GitHub classic token", "github-token", join("gh", "p_", alnum(36, 4))),
  assigned(
    "GitHub fine-grained token",
    "github-token",
    join("github", "_pat_", alnum(22, 5), "_", alnum(59, 6))
  ),
  assigned("GitHub app token", "github-token", join("gh", "s_", alnum(36, 7))),
  assigned("GitLab token", "gitlab-token", join("gl", "pat-", alnum(20, 8))),
  assigned(
    "Slack bot token",
    "slack-token",
    join("xo", "xb-", fill(12, digits, 9), "-", fill(12, digits, 10), "-", alnum(24, 11))
  ),
  assigned(
    "Slack app token",
    "slack-token",
    join("xa", "pp-1-A", fill(10, upper + digits, 9), "-", fill(13, digits, 10), "-", hex(64, 11))
  ),
  assigned(
    "Slack webhook",
    "slack-webhook",
    join(
      "https://hooks.",
      "slack.com/services/T",
      fill(8, upper + digits, 12),
      "/B",
      fill(8, upper + digits, 13),
      "/",
      alnum(24, 14)
    )
  ),
  assigned(
    "OpenAI project key",
    "openai-key",
    join("sk-", "proj-", alnum(74, 15), join("T3Bl", "bkFJ"), alnum(74, 16))
  ),
  assigned("OpenAI short project key", "openai-key", join("sk-", "proj-", alnum(48, 15))),
  assigned("OpenAI service account key", "openai-key", join("sk-", "svcacct-", alnum(60, 15))),
  assigned(
    "OpenAI legacy key",
    "openai-key",
    join("sk-", alnum(20, 17), join("T3Bl", "bkFJ"), alnum(20, 18))
  ),
  assigned("Anthropic key", "anthropic-key", join("sk-", "ant-api03-", alnum(93, 19), "AA")),
  assigned("OpenRouter key", "openrouter-key", join("sk-", "or-v1-", hex(64, 20))),
  assigned("Groq key", "groq-key", join("gs", "k_", alnum(52, 20))),
  assigned("Hugging Face token", "huggingface-token", join("hf", "_", fill(34, upper + lower, 21))),
  assigned("Google API key", "google-api-key", join("AI", "za", alnum(35, 22))),
  assigned("Google OAuth client secret", "google-oauth-secret", join("GOC", "SPX-", alnum(28, 23))),
  assigned("Stripe live key", "stripe-key", join("sk", "_live_", alnum(24, 24))),
  assigned("Stripe restricted key", "stripe-key", join("rk", "_live_", alnum(99, 25))),
  assigned("SendGrid key", "sendgrid-key", join("SG", ".", alnum(22, 26), ".", alnum(43, 27))),
  assigned("npm token", "npm-token", join("np", "m_", alnum(36, 28))),
  assigned("PyPI token", "pypi-token", join("py", "pi-AgEIcHlwaS5vcmc", alnum(70, 29))),
  assigned("Shopify token", "shopify-key", join("shp", "at_", hex(32, 30))),
  assigned("DigitalOcean token", "digitalocean-token", join("dop", "_v1_", hex(64, 31))),
  assigned("Telegram bot token", "telegram-token", join(fill(10, "123456789", 32), ":AA", alnum(33, 33))),
  assigned(
    "Discord bot token",
    "discord-token",
    join("MT", alnum(24, 34), ".", alnum(6, 35), ".", alnum(38, 36))
  ),
  assigned("Docker token", "docker-token", join("dckr", "_pat_", alnum(27, 37))),
  assigned("Databricks token", "databricks-token", join("da", "pi", hex(32, 38))),
  assigned("Vault token", "vault-token", join("hv", "s.", alnum(95, 39))),
  assigned("Terraform Cloud token", "terraform-token", join(alnum(14, 40), ".atlas", "v1.", alnum(67, 41))),
  assigned("Linear key", "linear-key", join("lin", "_api_", alnum(40, 42))),
  assigned("Notion token", "notion-token", join("nt", "n_", fill(11, digits, 43), alnum(35, 44))),
  assigned("Figma token", "figma-token", join("fig", "d_", alnum(40, 45))),
  assigned("Grafana token", "grafana-token", join("gl", "sa_", alnum(32, 46), "_", hex(8, 47))),
  assigned(
    "Atlassian token",
    "atlassian-token",
    join("ATA", "TT3xFfGF0", alnum(180, 48), "=", fill(8, `${digits}ABCDEF`, 49))
  ),
  assigned("Supabase token", "supabase-token", join("sb", "p_", hex(40, 50))),
  assigned("Supabase secret key", "supabase-token", join("sb", "_secret_", alnum(22, 50), "_", alnum(8, 51))),
  assigned("Postman key", "postman-key", join("PM", "AK-", hex(24, 51), "-", hex(34, 52))),
  assigned("Sentry token", "sentry-token", join("sntry", "s_", alnum(120, 53), "_", alnum(43, 54))),
  assigned("Airtable token", "airtable-token", join("pa", "t", alnum(14, 55), ".", hex(64, 56))),
  assigned("RubyGems key", "rubygems-key", join("ruby", "gems_", hex(48, 57))),
  assigned("Mailgun key", "mailgun-key", join("key", "-", hex(32, 58))),
  {
    name: "Azure storage key",
    kind: "azure-storage-key",
    secret: join(alnum(86, 59), "=="),
    line: join(
      "DefaultEndpointsProtocol=https;AccountName=made;Account",
      "Key=",
      alnum(86, 59),
      "==;EndpointSuffix=core.windows.net"
    )
  },
  assigned(
    "age secret key",
    "age-secret-key",
    join("AGE-SEC", "RET-KEY-1", fill(58, "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 60))
  ),
  assigned("PlanetScale token", "planetscale-token", join("pscale", "_tkn_", alnum(43, 61))),
  assigned("Square token", "square-token", join("sq0", "csp-", alnum(43, 62))),
  assigned("New Relic key", "newrelic-key", join("NR", "AK-", fill(27, upper + digits, 63))),
  assigned("xAI key", "xai-key", join("xa", "i-", alnum(80, 64))),
  assigned("1Password token", "1password-token", join("ops", "_eyJ", alnum(250, 65))),
  assigned("Vercel token", "vercel-token", join("vc", "p_", alnum(56, 66))),
  {
    name: "PostgreSQL URL",
    kind: "password-in-url",
    secret: alnum(20, 67),
    line: `url: ${join("postgres", "ql://service:")}${alnum(20, 67)}@db.prod.internal:5432/app`
  },
  {
    name: "basic auth URL",
    kind: "password-in-url",
    secret: alnum(20, 68),
    line: `git clone ${join("https://", "deploy:")}${alnum(20, 68)}@git.corp-host.net/app.git`
  },
  assigned("GitLab trigger token", "gitlab-token", join("gl", "ptt-", hex(40, 80))),
  assigned("GitLab runner token", "gitlab-token", join("gl", "rt-", alnum(20, 81))),
  assigned("Heroku key", "heroku-key", join("HR", "KU-AA", alnum(58, 82))),
  assigned("Twilio API key", "twilio-key", join("S", "K", hex(32, 83))),
  assigned("Stripe webhook secret", "stripe-key", join("wh", "sec_", alnum(32, 84))),
  assigned("Notion token of the older form", "notion-token", join("secret", "_", alnum(43, 85))),
  assigned("Vault batch token", "vault-token", join("hv", "b.", alnum(120, 86))),
  assigned("Square token of the newer form", "square-token", join("EA", "AA", alnum(60, 87))),
  assigned("Google OAuth token", "google-oauth-token", join("ya", "29.", alnum(100, 88))),
  assigned("Perplexity key", "perplexity-key", join("pp", "lx-", alnum(48, 89))),
  assigned("Replicate token", "replicate-token", join("r", "8_", alnum(37, 90))),
  assigned("Fly.io token", "fly-token", join("fm", "2_", alnum(100, 91))),
  assigned(
    "Dynatrace token",
    "dynatrace-token",
    join("dt0", "c01.", fill(24, `${upper}234567`, 92), ".", fill(64, `${upper}234567`, 93))
  ),
  assigned("Pulumi token", "pulumi-token", join("pu", "l-", hex(40, 94))),
  assigned("Doppler token", "doppler-token", join("dp", ".pt.", alnum(43, 95))),
  assigned("Brevo key", "brevo-key", join("xkey", "sib-", hex(64, 96), "-", alnum(16, 97))),
  assigned("HubSpot token", "hubspot-token", join("pat", "-na1-", uuid(98))),
  assigned("Mailchimp key", "mailchimp-key", join(hex(32, 99), "-us", "12")),
  assigned("Azure client secret", "azure-client-secret", join(alnum(3, 100), "8", "Q~", alnum(34, 101))),
  {
    name: "Azure connection string",
    kind: "azure-shared-access-key",
    secret: join(alnum(43, 102), "="),
    line: `Endpoint=sb://made.servicebus.windows.net/;SharedAccessKeyName=Root;${join("SharedAccess", "Key=")}${alnum(43, 102)}=`
  },
  assigned(
    "Slack workflow webhook",
    "slack-webhook",
    join(
      "https://hooks.slack",
      ".com/workflows/T",
      fill(8, upper, 103),
      "/A",
      fill(10, upper, 104),
      "/",
      alnum(24, 105)
    ),
    join("workflows/T", fill(8, upper, 103), "/A", fill(10, upper, 104), "/", alnum(24, 105))
  ),
  assigned(
    "Discord webhook",
    "discord-webhook",
    join("https://discord", ".com/api/webhooks/", fill(18, "123456789", 106), "/", alnum(68, 107)),
    join(fill(18, "123456789", 106), "/", alnum(68, 107))
  ),
  pem("RSA PRIVATE KEY"),
  pem("PRIVATE KEY"),
  pem("EC PRIVATE KEY"),
  pem("OPENSSH PRIVATE KEY"),
  pem("PGP PRIVATE KEY BLOCK"),
  {
    name: "Google Cloud service account",
    kind: "private-key",
    secret: alnum(64, 109),
    line: JSON.stringify({
      type: "service_account",
      private_key_id: hex(40, 108),
      private_key: join(
        "-----BEGIN ",
        "PRIVATE",
        " KEY-----\n",
        alnum(64, 109),
        "\n-----END ",
        "PRIVATE",
        " KEY-----\n"
      ),
      client_email: "made@up.iam.gserviceaccount.com"
    })
  },
  {
    name: "PuTTY key",
    kind: "private-key",
    secret: alnum(64, 110),
    line: `Private-Lines: 1\n${alnum(64, 110)}\nPrivate-MAC: 0`
  }
]

const password = alnum(20, 120)

/** What is kept from a model as well, but is too often no secret to be reported. */
export const quietDummySecrets: ReadonlyArray<DummySecret> = [
  assigned("Stripe test key", "stripe-test-key", join("sk", "_test_", alnum(24, 121))),
  assigned(
    "JSON Web Token",
    "json-web-token",
    join("ey", "JhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9", ".ey", "J", alnum(60, 122), ".", alnum(43, 123))
  ),
  {
    name: "basic credentials",
    kind: "authorization",
    secret: alnum(28, 124),
    line: `curl -H "Authorization: Basic ${alnum(28, 124)}" https://api.made.up/`
  },
  {
    name: "bearer credentials",
    kind: "authorization",
    secret: alnum(40, 125),
    line: `headers: { "Authorization": "Bearer ${alnum(40, 125)}" }`
  },
  {
    name: "Azure signature",
    kind: "azure-signature",
    secret: alnum(43, 126),
    line: `https://made.blob.core.windows.net/c?sv=2022-11-02&sig=${alnum(43, 126)}%3D`
  },
  {
    name: "Twilio auth token",
    kind: "assigned-secret",
    secret: hex(32, 127),
    line: `TWILIO_AUTH_TOKEN=${hex(32, 127)}`
  },
  {
    name: "Heroku key of the older form",
    kind: "assigned-secret",
    secret: uuid(128),
    line: `HEROKU_API_KEY=${uuid(128)}`
  },
  {
    name: "Cloudflare token",
    kind: "assigned-secret",
    secret: alnum(40, 129),
    line: `cloudflare_api_token: ${alnum(40, 129)}`
  },
  {
    name: "npm's token of the older form",
    kind: "assigned-secret",
    secret: uuid(130),
    line: `//registry.npmjs.org/:_authToken=${uuid(130)}`
  },
  {
    name: "Docker's configuration",
    kind: "assigned-secret",
    secret: alnum(36, 131),
    line: `{"auths":{"registry.made.up":{"auth":"${alnum(36, 131)}"}}}`
  },
  {
    name: "password in a connection string",
    kind: "assigned-secret",
    secret: password,
    line: `Server=tcp:made.database.windows.net,1433;User ID=sa;Password=${password};`
  },
  {
    name: "password in an address for JDBC",
    kind: "assigned-secret",
    secret: password,
    line: `jdbc:postgresql://db.made.up/app?user=svc&password=${password}`
  },
  {
    name: "password in a setting",
    kind: "assigned-secret",
    secret: password,
    line: `DB_PASSWORD: "${password}"`
  },
  {
    name: "secret of a client",
    kind: "assigned-secret",
    secret: alnum(32, 132),
    line: `clientSecret: '${alnum(32, 132)}',`
  }
]
