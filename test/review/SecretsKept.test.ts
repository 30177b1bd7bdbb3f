/** Made-up keys everywhere in pull requests, and a model that repeats all it sees: where they never turn up. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import type { ModelFinding } from "../../src/review/ModelFinding.ts"
import type { Script } from "../../src/sandbox/models/Script.ts"
import { type DummySecret, dummySecrets, quietDummySecrets } from "../model/SecretCorpus.ts"
import { type Attack, Attacked, layer as attacked, wordsOf } from "./Attacked.ts"

const all = [...dummySecrets, ...quietDummySecrets]

/** Of one line. */
const short = all.filter(({ line }) => !line.includes("\n") && line.length < 200)

/** Those that are known without a name beside them, and can stand in a title. */
const alone = short.filter(
  ({ kind, line, secret }) => line === `const value = "${secret}"` && kind !== "assigned-secret"
)

/** And in the name of a file. */
const inNames = alone.filter(({ secret }) => /^[\w.=~-]{16,120}$/.test(secret) && secret.length < 110)

const repeated = (path: string, said: string, at: number): ModelFinding => ({
  path,
  quote: said,
  severity: "critical",
  category: (["bug", "security", "tests"] as const)[at % 3] ?? "bug",
  confidence: "high",
  title: said,
  message: said,
  suggestion: `${said} // repeated`
})

/** Repeats what it reads: line by line where there is room, and all of it in one. */
const echo: Script = ({ prompt, system }) => {
  const paths = [...prompt.matchAll(/^FILE (.+?)(?: \(was .*\))?, \w+$/gm)].map(([, path = ""]) => path)
  const [first = ""] = paths
  const lines = [...prompt.matchAll(/^\+(.+)$/gm)].map(([, line = ""]) => line)
  const pieces = prompt.match(/[\s\S]{1,8000}/g) ?? []
  return {
    json: {
      findings: [
        ...pieces.slice(0, 5).map((piece, at) => ({
          ...repeated(first, piece, at),
          quote: `nowhere ${at}`,
          title: piece.slice(0, 200) + at
        })),
        ...lines.slice(0, 20).map((line, at) => repeated(first, line, at)),
        ...paths.slice(0, 10).map((path, at) => repeated(path, `${system} ${path}`, at))
      ]
    }
  }
}

const config = `version: 1
review:
  min_severity: low
  max_comments: 25
  context_files: [AGENTS.md]
  instructions: |
${short
  .slice(0, 20)
  .map(({ line }) => `    ${line}\n`)
  .join("")}`

const inText = (lines: ReadonlyArray<string>): string => `${lines.join("\n")}\n`
const linesOf = (dummies: ReadonlyArray<DummySecret>) => dummies.map(({ line }) => line)

const open = (
  name: string,
  after: Readonly<Record<string, string>>,
  before: Readonly<Record<string, string>> = {},
  more: Partial<Attack> = {}
): Attack => ({
  name,
  content: {
    before: { ".github/holdfast.yml": config, "AGENTS.md": `${name}\n`, ...before },
    after: { ".github/holdfast.yml": config, "AGENTS.md": `${name}\n`, ...after }
  },
  headBranch: name,
  ...more
})

const between = (lines: ReadonlyArray<string>, mark: string) =>
  lines.flatMap((line, at) => [`${mark} ${at}`, line])

/** Of a key and the line before it. */
const period = 33

/** So many keys, each of many lines, that the end of a chunk falls into one. */
const manyKeys = (count: number): ReadonlyArray<string> => {
  const pem = dummySecrets.find(({ name }) => name === "RSA PRIVATE KEY PEM")
  const [header = "", ...rest] = pem?.line.split("\n") ?? []
  const footer = rest.at(-1) ?? ""
  const lines = Array.from({ length: 10 }, () => rest.slice(0, -1)).flat()
  return Array.from({ length: count }, () => ["x = 1", header, ...lines, footer]).flat()
}

const part = (of: number, count: number) => all.filter((_, at) => at % count === of)

const attacks: ReadonlyArray<Attack> = [
  ...[0, 1, 2, 3].map((of) =>
    open(`added-${of}`, { "src/a.ts": inText(linesOf(part(of, 4))) }, { "src/a.ts": "" })
  ),
  open(
    "context",
    { "src/a.ts": inText(between(linesOf(all), "const after =")) },
    { "src/a.ts": inText(between(linesOf(all), "const before =")) }
  ),
  open("removed", { "src/a.ts": "left\n" }, { "src/a.ts": inText(["left", ...linesOf(all)]) }),
  open(
    "heading",
    Object.fromEntries(
      short.map(({ line }, at) => [
        `src/${at}.ts`,
        inText([`function ${line} {`, ...Array(8).fill("  a()"), "  c()"])
      ])
    ),
    Object.fromEntries(
      short.map(({ line }, at) => [
        `src/${at}.ts`,
        inText([`function ${line} {`, ...Array(8).fill("  a()"), "  b()"])
      ])
    )
  ),
  open(
    "names",
    Object.fromEntries(inNames.map(({ secret }, at) => [`src/${secret}/${at}.ts`, "debugger\n"])),
    {}
  ),
  // Some of them with a change, and some with none, of which the model is not asked.
  open(
    "renamed",
    Object.fromEntries(
      inNames.map((_, at) => [
        `src/new${at}.ts`,
        inText([`const a${at} = 1`, "b()", "c()", "d()", ...(at % 2 === 0 ? ["e()"] : [])])
      ])
    ),
    Object.fromEntries(
      inNames.map(({ secret }, at) => [`src/${secret}.ts`, inText([`const a${at} = 1`, "b()", "c()", "d()"])])
    )
  ),
  ...Array.from({ length: 8 }, (_, of) =>
    open(
      `title-${of}`,
      { "src/a.ts": `// title-${of}\n` },
      {},
      {
        title: alone
          .filter((_, at) => at % 8 === of)
          .map(({ secret }) => secret)
          .filter((secret) => secret.length < 60)
          .slice(0, 4)
          .join(" and "),
        body: short[of]?.line ?? null
      }
    )
  ),
  open(
    "context-files",
    { "AGENTS.md": inText(linesOf(all)), "src/a.ts": "// context-files\n" },
    { "AGENTS.md": inText(linesOf(all)) }
  ),
  open("long-lines", {
    "src/a.ts": inText(
      linesOf(short).map((line) => `${"x = 1; ".repeat(300)}${line}${" y = 2;".repeat(300)}`)
    )
  }),
  open("windows", { "src/a.ts": linesOf(all).join("\n").replaceAll("\n", "\r\n") }),
  open("torn", {
    "src/a.ts": inText(
      short.map(({ line }) =>
        line.replace(/[A-Za-z0-9]{12}/g, (run) => `${run.slice(0, 6)}\u200b${run.slice(6)}`)
      )
    )
  }),
  open("switched-off", {
    "src/a.ts": inText([
      "/* secretlint-disable */",
      "// gitleaks:allow",
      ...linesOf(all).map(
        (line) => `${line} // secretlint-disable-line, gitleaks:allow, nosec, pragma: allowlist secret`
      )
    ])
  }),
  open("joined", { "src/a.ts": inText(manyKeys(45)) })
]

/** What must not turn up: each line of a secret of several. */
const forbidden = all.flatMap(({ name, secret }) => secret.split("\n").map((line) => [name, line] as const))

const turnsUp = (text: string): ReadonlyArray<string> =>
  forbidden
    .filter(([, secret]) => text.includes(secret) || text.replace(/[\u200b\\]/g, "").includes(secret))
    .map(([name]) => name)

layer(attacked({ attacks, script: echo, instructions: "" }), {
  excludeTestServices: true,
  timeout: "3 minutes"
})("a secret", (it) => {
  it.effect("is of many kinds", () =>
    Effect.sync(() => {
      assert.isAtLeast(new Set(all.map(({ kind }) => kind)).size, 50)
      assert.isAtLeast(inNames.length, 20)
    })
  )

  it.effect("is not sent to the model, wherever it stands", () =>
    Effect.gen(function* () {
      const { asked } = yield* Attacked
      assert.isAtLeast(asked.length, attacks.length)
      for (const { question } of asked) {
        assert.deepStrictEqual(
          turnsUp(`${question?.system}\n${question?.prompt}`),
          [],
          question?.prompt.slice(0, 200)
        )
      }
    })
  )

  it.effect(
    "stood in what could have been sent: each kind was redacted, and all places were asked about",
    () =>
      Effect.gen(function* () {
        const { asked, outcomes } = yield* Attacked
        const prompts = asked.map(({ question }) => question?.prompt ?? "").join("\n")
        for (const { kind } of all) assert.include(prompts, `[redacted: ${kind}]`)
        for (const [name, outcome] of outcomes) assert.isNotEmpty(outcome.asked, name)
        // A chunk that begins within a key: neither at the line before one nor at its header.
        const begins = asked.flatMap(({ question }) =>
          [
            ...(question?.prompt ?? "").matchAll(/^@@ from line (\d+) @@\n\+\[redacted: private-key\]$/gm)
          ].map(([, line]) => Number(line) % period)
        )
        assert.isTrue(begins.some((line) => line !== 1 && line !== 2))
      })
  )

  it.effect("is not in what the model says, which repeats all that it was told", () =>
    Effect.gen(function* () {
      const { asked } = yield* Attacked
      for (const entry of asked.filter(({ question }) => question?.schemaName === "review")) {
        const words = wordsOf(entry)
        assert.include(words, "[redacted: ")
        assert.deepStrictEqual(turnsUp(words), [])
      }
    })
  )

  it.effect("is not in what GitHub is told", () =>
    Effect.gen(function* () {
      const { requests } = yield* Attacked
      const told = requests.filter(({ method }) => method !== "GET")
      assert.isNotEmpty(told)
      for (const { body, path } of told)
        assert.deepStrictEqual(turnsUp(`${path}\n${JSON.stringify(body)}`), [], path)
    })
  )

  it.effect("is in no line of the log, at no level", () =>
    Effect.gen(function* () {
      const { log } = yield* Attacked
      assert.isAbove(log.length, attacks.length)
      for (const line of log) assert.deepStrictEqual(turnsUp(line), [])
    })
  )

  it.effect("is in no row of the database", () =>
    Effect.gen(function* () {
      const { rows } = yield* Attacked
      for (const column of ['"pr_title"', '"coverage"', '"fingerprint"', '"output"']) {
        assert.isTrue(rows.some((row) => row.includes(column)))
      }
      for (const row of rows) assert.deepStrictEqual(turnsUp(row), [], row.slice(0, 300))
    })
  )

  it.effect("does not keep a finding from its line: it is found by what is shown of it", () =>
    Effect.gen(function* () {
      const { outcomes } = yield* Attacked
      const comments = outcomes.get("added-0")?.reviews.flatMap(({ comments }) => comments) ?? []
      assert.isTrue(comments.some(({ body }) => body.includes("[redacted: ") && body.includes("`model/")))
      const body =
        outcomes
          .get("names")
          ?.reviews.map(({ body }) => body)
          .join("") ?? ""
      assert.include(body, "model/bug")
      assert.lengthOf(outcomes.get("names")?.reviews.flatMap(({ comments }) => comments) ?? [], 0)
    })
  )
})
