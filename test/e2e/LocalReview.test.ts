/** `holdfast review` of what git has: which change is reviewed, in real repositories. */
import * as fs from "node:fs"
import * as path from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { ReviewResult } from "../../src/cli/review/ReviewResult.ts"
import { folder, holdfast, type Ran, type Repository, repository } from "../support/Repository.ts"

const decode = Schema.decode(Schema.parseJson(ReviewResult), { onExcessProperty: "error" })

/** A file with one thing to be found. */
const bad = "export const a = 1\ndebugger\n"

const result = ({ stdout }: Ran) => decode(stdout)

/** The paths that were changed, and those where something was found with its lines. */
const seen = (repo: Repository, args: ReadonlyArray<string>, cwd?: string) =>
  Effect.gen(function* () {
    const ran = yield* repo.review(
      [...args, "--format", "json", "--fail-on", "never"],
      cwd === undefined ? {} : { cwd }
    )
    assert.strictEqual(ran.code, 0, ran.stderr)
    const { coverage, findings } = yield* result(ran)
    return {
      changed: coverage.map((file) => file.path).sort(),
      found: findings.map((finding) => `${finding.path}:${finding.line}`).sort()
    }
  })

describe("holdfast review", () => {
  it.scopedLive(
    "reviews the working tree: staged, not staged and not known to git, but not what git ignores",
    () =>
      Effect.gen(function* () {
        const repo = yield* repository({
          "staged.ts": "export const a = 1\n",
          "changed.ts": "export const a = 1\n",
          "gone.ts": "nothing like the others\nat all\n",
          ".gitignore": "ignored.ts\n"
        })
        repo.write({ "staged.ts": bad })
        repo.git("add", "staged.ts")
        fs.rmSync(path.join(repo.folder, "gone.ts"))
        repo.write({ "changed.ts": bad, "new.ts": bad, "ignored.ts": bad, "nested/inner.ts": bad })
        repo.write({ "other/x.ts": bad })
        // A repository of its own is not this one's.
        repo.git("init", "--quiet", "other")
        const before = repo.git("status", "--porcelain")
        assert.deepStrictEqual(yield* seen(repo, []), {
          changed: ["changed.ts", "gone.ts", "nested/inner.ts", "new.ts", "staged.ts"],
          found: ["changed.ts:2", "nested/inner.ts:2", "new.ts:2", "staged.ts:2"]
        })
        assert.strictEqual(repo.git("status", "--porcelain"), before, "the index is as it was")
        assert.deepStrictEqual(yield* seen(repo, ["--staged"]), {
          changed: ["staged.ts"],
          found: ["staged.ts:2"]
        })
      }),
    60_000
  )

  it.scopedLive(
    "reviews from the merge base of a branch, and ranges with two and three dots",
    () =>
      Effect.gen(function* () {
        const repo = yield* repository({ "a.ts": "export const a = 1\n" })
        repo.git("switch", "--quiet", "--create", "topic")
        repo.commit({ "topic.ts": bad })
        repo.git("switch", "--quiet", "main")
        repo.commit({ "main.ts": "nothing like the other\nat all\n" })
        repo.git("switch", "--quiet", "topic")
        repo.write({ "a.ts": bad, "new.ts": bad })
        const [base, two, three, open] = yield* Effect.all(
          [["--base", "main"], ["main..topic"], ["main...topic"], ["main..."]].map((args) =>
            seen(repo, args)
          ),
          { concurrency: 2 }
        )
        assert.deepStrictEqual(base?.changed, ["a.ts", "new.ts", "topic.ts"])
        assert.deepStrictEqual(base?.found, ["a.ts:2", "new.ts:2", "topic.ts:2"])
        assert.deepStrictEqual(two?.changed, ["main.ts", "topic.ts"])
        assert.deepStrictEqual(two?.found, ["topic.ts:2"])
        assert.deepStrictEqual(three?.changed, ["topic.ts"])
        assert.deepStrictEqual(open, three)
      }),
    60_000
  )

  it.scopedLive(
    "sees a change of the same size in the moment in which the index was written",
    () =>
      Effect.gen(function* () {
        const repo = yield* repository({})
        const file = path.join(repo.folder, "a.ts")
        const now = Math.floor(fs.statSync(repo.folder).mtimeMs / 1000)
        repo.git("config", "core.trustctime", "false")
        repo.write({ "a.ts": "export 1\n" })
        fs.utimesSync(file, now - 900, now - 900)
        repo.commit({})
        fs.utimesSync(path.join(repo.folder, ".git/index"), now - 900, now - 900)
        repo.write({ "a.ts": "debugger\n", "new.ts": "export const a = 1\n" })
        fs.utimesSync(file, now - 900, now - 900)
        assert.deepStrictEqual(yield* seen(repo, []), { changed: ["a.ts", "new.ts"], found: ["a.ts:1"] })
      }),
    60_000
  )

  it.scopedLive(
    "reviews all of a repository without a commit",
    () =>
      Effect.gen(function* () {
        const repo = yield* repository()
        repo.write({ "a.ts": bad })
        assert.deepStrictEqual(yield* seen(repo, []), { changed: ["a.ts"], found: ["a.ts:2"] })
      }),
    60_000
  )

  it.scopedLive(
    "finds the same from a folder below, in files of any name, whatever git is configured to print",
    () =>
      Effect.gen(function* () {
        const names = [
          "dir é/with blank/ü 日本.ts",
          "-dash.ts",
          'quote".ts',
          "tab\t.ts",
          "new\nline.ts",
          "colon:and,comma%25.ts",
          ":(glob)*.ts",
          "trailing .ts "
        ]
        const repo = yield* repository(Object.fromEntries(names.map((name) => [name, "\n\n\n"])))
        for (const [name, value] of [
          ["core.quotePath", "false"],
          ["color.ui", "always"],
          ["core.pager", "false"],
          ["diff.noprefix", "true"],
          ["diff.mnemonicPrefix", "true"],
          ["diff.relative", "true"],
          ["diff.external", "false"],
          ["diff.context", "0"],
          ["diff.suppressBlankEmpty", "true"],
          ["diff.orderFile", "nowhere"],
          ["diff.loud.textconv", "echo loud"],
          ["diff.submodule", "log"]
        ] as const)
          repo.git("config", name, value)
        repo.write({ ".git/info/attributes": "*.ts diff=loud\n" })
        // The last one's name has no ending that any rule about code would know.
        for (const name of names)
          repo.write({ [name]: "\n\n\nconst token = 1\n<<<<<<< ours\na\n=======\nb\n>>>>>>> theirs\n" })
        const fresh = "fresh ñ\nfile.ts"
        repo.write({ [fresh]: bad })
        const all = [...names, fresh].sort()
        const below = path.join(repo.folder, "dir é")
        for (const cwd of [repo.folder, below]) {
          const { changed, found } = yield* seen(repo, [], cwd)
          assert.deepStrictEqual(changed, all)
          for (const name of names) assert.include(found, `${name}:9`)
          assert.include(found, `${fresh}:2`)
        }
      }),
    60_000
  )

  it.scopedLive(
    "reads a patch from a file or from standard input, in a folder without git",
    () =>
      Effect.gen(function* () {
        const repo = yield* repository({ "a.ts": "export const a = 1\n" })
        repo.write({ "a.ts": bad })
        const patch = repo.git("diff")
        const elsewhere = yield* folder
        fs.writeFileSync(path.join(elsewhere, "change.patch"), patch)
        const args = ["review", "--format", "json", "--fail-on", "medium", "--patch"]
        const ran = yield* Effect.all(
          [
            holdfast([...args, "-"], { cwd: elsewhere, input: patch, env: { PATH: "" } }),
            holdfast([...args, "change.patch"], { cwd: elsewhere, env: { PATH: "" } })
          ],
          { concurrency: 2 }
        )
        for (const one of ran) {
          assert.strictEqual(one.code, 1, one.stderr)
          const { findings } = yield* result(one)
          assert.deepInclude(findings[0], { path: "a.ts", startLine: 2, line: 2, severity: "medium" })
        }
      }),
    60_000
  )
})
