/** Patches in mails, as git writes them. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Either } from "effect"
import { sourceOfPatch } from "../../src/cli/review/GitChange.ts"
import type { ChangedFile } from "../../src/review/Diff.ts"
import { withoutMail } from "../../src/review/MailedPatches.ts"
import { repository } from "../support/Repository.ts"

const read = (text: string) => sourceOfPatch(text).files
const refused = (text: string) => Effect.map(Effect.flip(read(text)), ({ message }) => message)

const seen = (files: ReadonlyArray<ChangedFile>) =>
  files.map(({ additions, deletions, path, status }) => [status, path, additions, deletions])

/** What could be taken for a signature, a mail and a diff. */
const message = `A message

diff --git a/said b/said
--- a/said
+++ b/said
@@ -1 +1 @@
-- 
+From all of us at 10:00:00 in 2001
`

const series = Effect.gen(function* () {
  const repo = yield* repository({ "list.md": "one\n- \nthree\n", "gone.ts": "x\n", "src/a.ts": "1\n" })
  const commit = (...args: ReadonlyArray<string>) => {
    repo.git("add", "--all")
    repo.git("commit", "--quiet", ...args)
  }
  // The hunk ends with a removed line that looks like a signature.
  repo.write({ "list.md": "one\n" })
  commit("--message", "First")
  repo.write({ "src/a.ts": "1\n2\n", "name with blank .ts": "new\n", "pic.bin": "\u0000\u0001" })
  commit("--message", message)
  repo.git("rm", "--quiet", "gone.ts")
  commit("--message", "Third")
  const patches = (...args: ReadonlyArray<string>) => repo.git("format-patch", "--stdout", ...args)
  return { repo, patches }
})

describe("patches in mails", () => {
  it.scopedLive("come out as git diff has them", () =>
    Effect.gen(function* () {
      const { patches, repo } = yield* series
      const expected = yield* read(repo.git("diff", "--no-renames", "HEAD~3", "HEAD"))
      assert.lengthOf(expected, 5)
      const byPath = (files: ReadonlyArray<ChangedFile>) =>
        seen(files).toSorted(([, one], [, other]) => String(one).localeCompare(String(other)))
      for (const args of [
        ["HEAD~3"],
        ["--no-signature", "HEAD~3"],
        ["--signature=Sent by me\nfrom far away", "HEAD~3"],
        ["--cover-letter", "--base=HEAD~3", "HEAD~3"],
        ["--thread", "HEAD~3"],
        ["--keep-subject", "--add-header=X-Mood: good", "HEAD~3"]
      ]) {
        const files = yield* read(patches(...args))
        assert.deepStrictEqual(byPath(files), byPath(expected), args.join(" "))
      }
      const [last] = yield* read(patches("--no-stat", "HEAD~1"))
      assert.deepInclude(last, { path: "gone.ts", status: "removed" })
      // Exactly: what is removed from the list, and no signature.
      const [first] = yield* read(patches("-1", "HEAD~2"))
      assert.deepStrictEqual(
        first?.hunks.flatMap(({ lines }) => lines.map(({ kind, text }) => [kind, text])),
        [
          ["context", "one"],
          ["removed", "- "],
          ["removed", "three"]
        ]
      )
    })
  )

  it.scopedLive("are refused where they can't be read as one change", () =>
    Effect.gen(function* () {
      const { patches, repo } = yield* series
      repo.commit({ "src/a.ts": "3\n" })
      assert.include(yield* refused(patches("HEAD~4")), 'it has the file "src/a.ts" twice')
      const one = patches("HEAD~1")
      const encoded = one.replace("Subject:", "Content-Transfer-Encoding: quoted-printable\nSubject:")
      assert.include(yield* refused(encoded), "a mail in it is encoded (quoted-printable)")
      assert.include(yield* refused(one.slice(0, one.indexOf("diff --git"))), "no mail in it holds a diff")
      const cut = one.slice(0, one.indexOf("\n-1\n") + 1)
      assert.include(yield* refused(`${cut}${patches("-1", "HEAD~1")}`), "The patch can't be read")
      assert.include(yield* refused(repo.git("diff", "HEAD~1") + one), "a diff before its first mail")
    })
  )

  it("leave other text as it is", () => {
    for (const text of ["", "hello\n", "diff --git a/x b/x\n@@ -1 +1 @@\n-From a 10:00:00 2001\n+-- \n"])
      assert.deepStrictEqual(withoutMail(text), Either.right(text))
  })
})
