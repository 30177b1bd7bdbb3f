import { Effect, FastCheck, Option } from "effect"
import { describe, expect, it } from "vitest"
import { renderMarker } from "../../src/review/Marker.ts"
import { patterns } from "../../src/review/Secrets/Patterns.ts"
import { redactOnly } from "../../src/review/Secrets/RedactOnly.ts"
import { findSecrets, redactLines, redactSecrets, withoutSecrets } from "../../src/review/Secrets.ts"
import { dummySecrets, quietDummySecrets } from "../model/SecretCorpus.ts"
import { finding } from "./Findings.ts"

const find = (text: string) => Effect.runPromise(findSecrets(text, "src/a.ts"))
const redact = (text: string) => Effect.runPromise(redactSecrets(text))

describe("findSecrets", () => {
  it.each(dummySecrets.map((dummy) => [dummy.name, dummy] as const))(
    "finds the dummy %s once",
    async (_, dummy) => {
      const text = `before\n${dummy.line}\nafter`
      const matches = await find(text)
      expect(matches.map(({ kind }) => kind)).toEqual([dummy.kind])
      const [match] = matches
      const hint = match === undefined ? Option.none() : match.hint
      if (Option.isSome(hint))
        expect(dummy.secret.startsWith(hint.value) && hint.value.length <= 4).toBe(true)
    }
  )

  it("looks quickly for nothing that is not in each of such secrets", () => {
    const texts = [...dummySecrets, ...quietDummySecrets].map(({ line }) => line)
    const marked = [...patterns, ...redactOnly].filter(({ mark }) => mark !== undefined)
    for (const { kind, mark, regex } of marked) {
      const found = texts.filter((text) => text.search(regex) >= 0)
      expect(found.length, `${kind}: none in the corpus`).toBeGreaterThan(0)
      for (const text of found) expect(text, kind).toMatch(mark ?? /^/)
    }
  })

  it.each([
    ["a documented example", `AK${"IA"}IOSFODNN7EXAMPLE`],
    ["a placeholder", `sk-${"proj"}-${"x".repeat(48)}`],
    ["a local database", `postgres${"://"}postgres:postgres@localhost:5432/app`],
    ["a container's database", `mongodb${"://"}root:s3cretpass@mongo:27017`],
    ["a password from the environment", `https${"://"}user:$\{PASSWORD}@git.corp.internal/x`],
    ["an address of RFC 2606", `https${"://"}user:hunter22@example.com/`],
    ["a commit", "0123456789abcdef0123456789abcdef01234567"],
    ["an integrity hash", `sha512-${"Ab3".repeat(28)}AA==`],
    ["a UUID", "123e4567-e89b-12d3-a456-426614174000"],
    ["a public key", `-----BEGIN PUBLIC${" "}KEY-----\n${"Ab3d".repeat(16)}\n-----END PUBLIC KEY-----`],
    ["a placeholder of a private key", "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----"]
  ])("takes %s for none", async (_, text) => {
    expect(await find(text)).toEqual([])
  })

  it("can't be switched off by the text", async () => {
    const [dummy] = dummySecrets
    expect(await find(`// secretlint-disable\n${dummy?.line ?? ""} // secretlint-disable-line`)).toHaveLength(
      1
    )
  })

  it("leaves nothing behind in the process, as secretlint's own runner does", async () => {
    const marks = () => performance.getEntriesByType("mark").length
    const before = marks()
    for (let run = 0; run < 20; run++) await find("const a = 1")
    expect(marks()).toBe(before)
  })

  it("opens no file by a name that a pull request gives", async () => {
    // secretlint's rule for Google Cloud would open it and report what it could not read.
    expect(await Effect.runPromise(findSecrets("text", new URL(import.meta.url).pathname))).toEqual([])
    expect(await Effect.runPromise(findSecrets("text", "/nowhere/at/all.p12"))).toEqual([])
  })

  it("takes no long time over text that is made to be slow", async () => {
    const hostile = [
      "a://",
      "-----BEGIN PRIVATE KEY-----\n",
      "sk-proj-",
      "secret_access_key = ",
      `${"A".repeat(39)}.`
    ]
    for (const piece of hostile) expect(await find(piece.repeat(20_000))).toEqual([])
  })
})

describe("redactSecrets", () => {
  it.each(quietDummySecrets.map((dummy) => [dummy.name, dummy] as const))(
    "redacts the %s, which is not reported",
    async (_, { kind, line, secret }) => {
      expect(await find(line)).toEqual([])
      const redacted = await redact(line)
      expect(redacted).not.toContain(secret)
      expect(redacted).toContain(`[redacted: ${kind}]`)
    }
  )

  it.each([
    "123e4567-e89b-12d3-a456-426614174000",
    "commit 3c4f1b8e9a7d2c5f6e8b1a0d9c7e5f3b2a1d4c6e",
    `"integrity": "sha512-${"Ab3".repeat(28)}AA=="`,
    "<img src='data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='>",
    `AK${"IA"}IOSFODNN7EXAMPLE`,
    "const apiKey = process.env.STRIPE_API_KEY_2",
    "password: process.env['DB_PASSWORD_2'] ?? ''",
    "const secret = config.get('auth0.clientSecret2')",
    "const token = await createTokenForUser2024(user)",
    "const accessToken = session.user1.accessToken2",
    "token: user-profile-page-v2",
    "color: #ff00aa; background: #A1B2C3D4;",
    "password: string | undefined",
    "passwordHash: sha256(input1)",
    "api_key: your-api-key-1234567890",
    `$\{{ secrets.DEPLOY_TOKEN_2 }}`,
    "auth: { username: user1, password: hunter2 }",
    "https://docs.example.org/reset-password=now",
    "uses: actions/checkout@b4ffde65f46336ab88eb53be808477a3936bae11",
    "tokens: 200000, max_tokens: 4096",
    "credentials: 'same-origin'",
    "key: value-of-the-key-123456",
    "sk-ip to the next section, SKU12345678901234567890123456789012",
    "import { useSecretSantaList2 } from './secret'",
    "secretKeyRef: { name: app-secrets-2, key: password }"
  ])("leaves %j alone", async (text) => {
    expect(await redact(text)).toBe(text)
  })

  it.each(["+", "-", " "])("redacts a private key in a diff's lines that begin with %j", async (mark) => {
    for (const { line, name, secret } of dummySecrets.filter(({ name }) => name.endsWith(" PEM"))) {
      const lines = line.split("\n")
      for (const part of [lines, lines.slice(0, -1), lines.slice(2)]) {
        const redacted = await redact(`@@ from line 1 @@\n${part.map((one) => `${mark}${one}`).join("\n")}\n`)
        for (const one of secret.split("\n")) expect(redacted, name).not.toContain(one)
      }
    }
  })

  it.each(dummySecrets.map((dummy) => [dummy.name, dummy] as const))(
    "leaves nothing of the dummy %s",
    async (_, dummy) => {
      const redacted = await redact(`It is ${dummy.line}, you see.`)
      expect(redacted).not.toContain(dummy.secret)
      // Nor any run of it that is long enough to be of use.
      for (let at = 4; at + 12 <= dummy.secret.length; at++) {
        expect(redacted).not.toContain(dummy.secret.slice(at, at + 12))
      }
      expect(redacted).toContain("[redacted: ")
      expect(redacted.startsWith("It is ")).toBe(true)
    }
  )

  it("redacts all of several secrets, and leaves the text between them alone", async () => {
    const text = dummySecrets.map(({ line }) => line).join("\nand\n")
    const redacted = await redact(text)
    for (const { secret } of dummySecrets) expect(redacted).not.toContain(secret)
    expect(redacted.match(/\nand\n/g)).toHaveLength(dummySecrets.length - 1)
  })

  it("leaves text without secrets alone, our own marker among it", async () => {
    const marker = renderMarker({
      owner: "a",
      repo: "b",
      pullRequest: 1,
      commitSha: "ab12".repeat(10),
      generation: 0
    })
    await FastCheck.assert(
      FastCheck.asyncProperty(FastCheck.string({ maxLength: 200 }), async (text) => {
        const body = `${marker}\n${text}`
        expect(await redact(body)).toBe(body)
      }),
      { numRuns: 50 }
    )
  })
})

describe("redactLines", () => {
  it("keeps as many lines as there were, whatever goes over several", async () => {
    const lines = dummySecrets.flatMap(({ line }) => ["before", ...line.split("\n"), "after"])
    const redacted = await Effect.runPromise(redactLines(lines))
    expect(redacted).toHaveLength(lines.length)
    for (const { secret } of dummySecrets) {
      for (const line of secret.split("\n")) expect(redacted.join("\n")).not.toContain(line)
    }
    lines.forEach((line, at) => {
      if (line === "before" || line === "after") expect(redacted[at]).toBe(line)
    })
  })
})

describe("withoutSecrets", () => {
  it("knows a secret with what can't be seen in its midst, and drops what stands for one", async () => {
    const secret = dummySecrets[3]?.secret ?? ""
    const torn = `${secret.slice(0, 9)}\u200b${secret.slice(9)}`
    const safe = await Effect.runPromise(
      withoutSecrets(finding({ message: torn, suggestion: Option.some("const a = '[redacted: npm-token]'") }))
    )
    expect(safe.message).toBe("[redacted: github-token]")
    expect(safe.suggestion).toEqual(Option.none())
  })

  it("redacts words and drops a suggestion that would repeat the secret", async () => {
    const secret = dummySecrets[0]?.secret ?? ""
    const leaking = finding({
      title: `Found ${secret}`,
      message: `It is ${secret}.`,
      suggestion: Option.some(secret)
    })
    const safe = await Effect.runPromise(withoutSecrets(leaking))
    expect(JSON.stringify(safe)).not.toContain(secret)
    expect(safe.suggestion).toEqual(Option.none())
  })

  it("changes nothing in a finding without secrets", async () => {
    const harmless = finding({ suggestion: Option.some("it('x')") })
    expect(await Effect.runPromise(withoutSecrets(harmless))).toEqual(harmless)
  })
})
