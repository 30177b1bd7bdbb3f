/** docs/local-review.md says what the command does: its options, its document, its hooks, its workflow. */
import * as fs from "node:fs"
import * as path from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { inject } from "vitest"
import { parse } from "yaml"
import { ReviewResult } from "../../src/cli/review/ReviewResult.ts"
import { folder, holdfast, repository } from "../support/Repository.ts"

const page = fs.readFileSync("docs/local-review.md", "utf8")

const blockAfter = (start: string, language: string) => {
  const [, block = ""] =
    new RegExp(`\n\`\`\`${language}\n(.*?)\n\`\`\``, "s").exec(page.slice(page.indexOf(start))) ?? []
  return `${block}\n`
}

const bad = "export const a = 1\ndebugger\nit.only('works', () => {})\n"

describe("docs/local-review.md", () => {
  it("shows a document as the command prints it", () => {
    const document: unknown = JSON.parse(blockAfter("## Formats", "json"))
    const decoded = Schema.decodeUnknownSync(ReviewResult)(document, { onExcessProperty: "error" })
    assert.deepStrictEqual(Schema.encodeSync(ReviewResult)(decoded), document)
    assert.strictEqual(decoded.complete, !decoded.coverage.some(({ shortfall }) => shortfall))
  })

  it.scopedLive(
    "names the options that there are",
    () =>
      Effect.gen(function* () {
        const { stdout } = yield* holdfast(["review", "--help"])
        // Those that every command has come after ours.
        const ours = stdout.slice(0, stdout.indexOf("--completions"))
        const options = new Set(ours.match(/--[a-z][a-z-]+/g))
        assert.include([...options], "--fail-on")
        for (const option of options) assert.include(page, option)
        const known = [...options, "--global", "--stdin", "--stdout"]
        for (const option of page.match(/--[a-z][a-z-]+/g) ?? []) assert.include(known, option)
        for (const said of ["Ends with 0", "with 1", "with 2"]) assert.include(ours, said)
      }),
    60_000
  )

  it.scopedLive(
    "has hooks that hold back what they should, and nothing else",
    () =>
      Effect.gen(function* () {
        const bin = yield* folder
        fs.writeFileSync(
          path.join(bin, "holdfast"),
          `#!/bin/sh\nexec "${process.execPath}" "${inject("builtMain")}" "$@"\n`,
          { mode: 0o755 }
        )
        const remote = yield* repository()
        remote.git("config", "receive.denyCurrentBranch", "ignore")
        const repo = yield* repository({ "README.md": "Hello\n" })
        const hook = (name: string, start: string) => {
          fs.mkdirSync(path.join(repo.folder, ".git/hooks"), { recursive: true })
          const script = blockAfter(start, "sh").replace("\n", `\nPATH="${bin}:$PATH"\n`)
          fs.writeFileSync(path.join(repo.folder, ".git/hooks", name), script, { mode: 0o755 })
        }
        repo.git("remote", "add", "origin", remote.folder)
        repo.git("push", "--quiet", "origin", "main")
        hook("pre-commit", "`.git/hooks/pre-commit`")
        hook("pre-push", "`.git/hooks/pre-push`")

        // `commit <file>` hands the hook an index of its own in GIT_INDEX_FILE.
        repo.write({ "a.test.ts": bad })
        repo.git("add", "a.test.ts")
        assert.include(repo.failing("commit", "--quiet", "--message", "x", "a.test.ts"), "a.test.ts:3  high")
        repo.write({ "a.test.ts": "export const a = 1\n" })
        repo.git("commit", "--quiet", "--message", "x", "a.test.ts")

        repo.git("push", "--quiet", "origin", "main")
        repo.write({ "b.test.ts": bad })
        repo.git("add", "b.test.ts")
        repo.git("commit", "--quiet", "--no-verify", "--message", "x")
        assert.include(repo.failing("push", "--quiet", "origin", "main"), "b.test.ts:3  high")
        repo.git("push", "--quiet", "--no-verify", "origin", "main")
      }),
    90_000
  )

  it("has a workflow that fetches what the merge base needs, and uploads also after a failure", () => {
    const Workflow = Schema.Struct({
      jobs: Schema.Struct({
        review: Schema.Struct({
          permissions: Schema.Struct({ "security-events": Schema.Literal("write") }),
          steps: Schema.Array(Schema.Record({ key: Schema.String, value: Schema.Unknown }))
        })
      })
    })
    const text = blockAfter("## In GitHub Actions", "yaml")
    const { steps } = Schema.decodeUnknownSync(Workflow)(parse(text)).jobs.review
    assert.deepStrictEqual(steps[0]?.["with"], { "fetch-depth": 0 })
    assert.strictEqual(steps.at(-1)?.["if"], "always()")
    assert.match(text, /--format sarif --fail-on never > holdfast\.sarif/)
    assert.match(text, /sarif_file: holdfast\.sarif/)
  })
})
