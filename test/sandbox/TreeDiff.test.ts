import { execFileSync, spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { applyPatch } from "diff"
import { Effect, FastCheck } from "effect"
import { commentableLines } from "../../src/sandbox/git/CommentableLines.ts"
import { type FileTree, fromFolder, fromRecord } from "../../src/sandbox/git/FileTree.ts"
import { diffCommits, mergeBase, readTree, resolve } from "../../src/sandbox/git/GitRepository.ts"
import { treeId } from "../../src/sandbox/git/ObjectId.ts"
import { diffTrees } from "../../src/sandbox/git/TreeDiff.ts"
import { scenarios } from "../../src/sandbox/scenarios/Scenarios.ts"

const git = (folder: string, ...args: ReadonlyArray<string>) =>
  execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@t", ...args], {
    cwd: folder,
    encoding: "utf8",
    env: { PATH: process.env["PATH"] ?? "", GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" }
  })

const writeTree = (folder: string, tree: FileTree) =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    for (const name of yield* files.readDirectory(folder)) {
      if (name !== ".git") yield* files.remove(join(folder, name), { recursive: true })
    }
    for (const [path, content] of tree) {
      yield* files.makeDirectory(join(folder, path, ".."), { recursive: true })
      yield* files.writeFile(join(folder, path), content)
    }
  })

/** A repository with the two trees as commits. */
const repository = (before: FileTree, after: FileTree) =>
  Effect.gen(function* () {
    const folder = yield* Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "holdfast-diff-"))),
      (made) => Effect.sync(() => rmSync(made, { recursive: true }))
    )
    git(folder, "init", "--quiet", "--initial-branch=main")
    yield* writeTree(folder, before)
    git(folder, "add", "--all", "--force")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "before")
    git(folder, "checkout", "--quiet", "-b", "change")
    yield* writeTree(folder, after)
    git(folder, "add", "--all", "--force")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "after")
    return folder
  })

const hasGit = spawnSync("git", ["--version"]).status === 0

const numbered = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, index) => `  step ${from + index}\n`).join("")

const difficult = {
  before: fromRecord({
    "far.c": `int main(void)\n{\n${numbered(1, 30)}}\n\nvoid other(void)\n{\n${numbered(31, 60)}}\n`,
    "folder/deep/same.txt": "same\n",
    "folder.txt": "x\n",
    "moved from.txt": numbered(1, 30),
    "exact.bin": Uint8Array.from([0, 1, 2, 3]),
    "emptied.txt": "something\n",
    "no-end.txt": "a\nb",
    "crlf.txt": "one\r\ntwo\r\n",
    "gone.md": "# Gone\n"
  }),
  after: fromRecord({
    "far.c": `int main(void)\n{\n${numbered(1, 14)}  new\n${numbered(15, 30)}}\n\nvoid other(void)\n{\n${numbered(31, 50)}${numbered(52, 60)}}\n`,
    "folder/deep/same.txt": "same\n",
    "folder.txt": "x\n",
    "moved to.txt": `${numbered(1, 29)}  step thirty\n`,
    "copy/exact.bin": Uint8Array.from([0, 1, 2, 3]),
    "emptied.txt": "",
    "no-end.txt": "a\nb\n",
    "crlf.txt": "one\r\n2\r\n",
    'añadido "quoted".txt': "new\n",
    "empty.txt": ""
  })
}

describe.runIf(hasGit)("the diff that is made without git", () => {
  const pairs = [
    { name: "difficult files", ...difficult },
    ...Object.entries(scenarios).map(([name, scenario]) => ({
      name: `the scenario ${name}`,
      before: fromRecord(scenario.before),
      after: fromRecord(scenario.after)
    }))
  ]
  for (const { name, before, after } of pairs) {
    it.scopedLive(`is the one that git makes, for ${name}`, () =>
      Effect.gen(function* () {
        const folder = yield* repository(before, after)
        const base = yield* mergeBase(folder, "main", "change")
        const head = yield* resolve(folder, "change")
        expect(diffTrees(before, after)).toEqual(yield* diffCommits(folder, base, head))
        expect(yield* readTree(folder, head)).toEqual(after)
        expect(yield* fromFolder(folder)).toEqual(after)
        expect(treeId(after)).toBe(git(folder, "rev-parse", "change^{tree}").trim())
      }).pipe(Effect.provide(NodeContext.layer))
    )
  }
})

const anyText = FastCheck.array(FastCheck.constantFrom("a", "b", "", "  c", "function d() {"), {
  maxLength: 12
}).chain((lines) =>
  FastCheck.boolean().map((ended) => lines.join("\n") + (ended && lines.length > 0 ? "\n" : ""))
)

describe("any diff", () => {
  it("leads from before to after, and its lines are those of the two files", () => {
    FastCheck.assert(
      FastCheck.property(anyText, anyText, (before, after) => {
        const [change] = diffTrees(fromRecord({ f: before }), fromRecord({ f: after }))
        if (change?.patch === undefined) {
          expect(before).toBe(after)
          return
        }
        expect(applyPatch(before, `--- f\n+++ f\n${change.patch}\n`)).toBe(after)
        const sides = { LEFT: before.split("\n"), RIGHT: after.split("\n") }
        for (const { side, line, diffHunk } of commentableLines(change.patch)) {
          expect(diffHunk.split("\n").at(-1)?.slice(1)).toBe(sides[side][line - 1])
        }
      })
    )
  })
})
