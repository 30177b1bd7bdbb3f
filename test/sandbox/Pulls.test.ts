import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { client, field } from "./Client.ts"
import { checked } from "./checked.ts"

const repository = "/repos/acme/web-shop"
const bytes = (...values: ReadonlyArray<number>) => Uint8Array.from(values)

describe("the files of a pull request", () => {
  it.scopedLive("carry status, counts, patch and where they came from", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const moved = Array.from({ length: 20 }, (_, index) => `const value${index} = ${index}\n`).join("")
        const pull = yield* sandbox.pulls.open({
          content: {
            before: {
              "edit.ts": "one\ntwo\nthree\n",
              "gone.ts": "gone\n",
              "old.ts": moved,
              "same.ts": "same\n"
            },
            after: {
              "edit.ts": "one\n2\nthree\n",
              "logo.png": bytes(0x89, 0x50, 0, 1),
              "new.ts": moved.replace("value7 = 7", "value7 = 8"),
              "same.ts": "same\n",
              "tail.ts": "no end of line"
            }
          }
        })
        const app = yield* client(sandbox)
        const files = yield* app.get(`${repository}/pulls/${pull.number}/files`)
        expect(files.body).toMatchObject([
          {
            filename: "edit.ts",
            status: "modified",
            additions: 1,
            deletions: 1,
            changes: 2,
            patch: "@@ -1,3 +1,3 @@\n one\n-two\n+2\n three"
          },
          { filename: "gone.ts", status: "removed", patch: "@@ -1 +0,0 @@\n-gone" },
          { filename: "logo.png", status: "added", additions: 0 },
          { filename: "new.ts", status: "renamed", previous_filename: "old.ts", additions: 1, deletions: 1 },
          {
            filename: "tail.ts",
            status: "added",
            patch: "@@ -0,0 +1 @@\n+no end of line\n\\ No newline at end of file"
          }
        ])
        expect(field(files.body, 2)).not.toHaveProperty("patch")
        const answer = yield* app.get(`${repository}/pulls/${pull.number}`)
        expect(answer.body).toMatchObject({
          number: pull.number,
          state: "open",
          draft: false,
          changed_files: 5,
          head: { sha: pull.headSha },
          base: { sha: pull.baseSha, ref: "main" }
        })
      })
    )
  )

  it.scopedLive("come in pages of at most 100, 3,000 in all, with links to the others", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const names = Array.from({ length: 3050 }, (_, index) => `f${String(index).padStart(4, "0")}.txt`)
        const after = Object.fromEntries(names.map((name) => [name, `${name}\n`]))
        const pull = yield* sandbox.pulls.open({ content: { before: {}, after } })
        const app = yield* client(sandbox)
        const files = `${repository}/pulls/${pull.number}/files`
        expect((yield* app.get(files)).body).toHaveLength(30)
        const first = yield* app.get(`${files}?per_page=1000`)
        expect(first.body).toHaveLength(100)
        const links = first.headers.get("link") ?? ""
        expect(links).toContain(`page=2>; rel="next"`)
        expect(links).toContain(`page=30>; rel="last"`)
        const next = /<([^>]+)>; rel="next"/.exec(links)?.[1] ?? ""
        expect(field((yield* app.get(next)).body, 0, "filename")).toBe("f0100.txt")
        const last = yield* app.get(`${files}?per_page=100&page=30`)
        expect(field(last.body, 99, "filename")).toBe("f2999.txt")
        expect(last.headers.get("link")).not.toContain("next")
        expect((yield* app.get(`${files}?per_page=100&page=31`)).body).toEqual([])
      })
    )
  )

  it.scopedLive("come without a patch where it is too large", () =>
    checked(
      (sandbox) =>
        Effect.gen(function* () {
          const pull = yield* sandbox.pulls.open({
            content: { before: {}, after: { "big.txt": "x\n".repeat(11), "small.txt": "x\n".repeat(9) } }
          })
          const app = yield* client(sandbox)
          const files = yield* app.get(`${repository}/pulls/${pull.number}/files`)
          expect(files.body).toMatchObject([{ additions: 11 }, { additions: 9 }])
          expect(field(files.body, 0)).not.toHaveProperty("patch")
          expect(field(files.body, 1)).toHaveProperty("patch")
        }),
      { maxPatchLines: 10 }
    )
  )
})

describe("content", () => {
  it.scopedLive("is served as it was at a commit", () =>
    checked((sandbox) =>
      Effect.gen(function* () {
        const large = "a".repeat(1024 * 1024 + 1)
        const pull = yield* sandbox.pulls.open({
          content: {
            before: { "src/ä b.ts": "old\n" },
            after: { "src/ä b.ts": "new\n", "src/deep/large.txt": large }
          }
        })
        const app = yield* client(sandbox)
        const path = `${repository}/contents/${encodeURIComponent("src/ä b.ts")}`
        const text = (body: unknown) => Buffer.from(String(field(body, "content")), "base64").toString()
        expect(text((yield* app.get(`${path}?ref=${pull.baseSha}`)).body)).toBe("old\n")
        const head = yield* app.get(`${path}?ref=${pull.headSha}`)
        expect(text(head.body)).toBe("new\n")
        // What `git hash-object` gives for "new\n".
        expect(field(head.body, "sha")).toBe("3e757656cf36eca53338e520d134963a44f793f8")
        expect(text((yield* app.get(path)).body)).toBe("old\n")
        const big = yield* app.get(`${repository}/contents/src/deep/large.txt?ref=${pull.headSha}`)
        expect(big.body).toMatchObject({ content: "", encoding: "none", size: large.length })
        const blob = yield* app.get(`${repository}/git/blobs/${field(big.body, "sha")}`)
        expect(text(blob.body)).toBe(large)
        const folder = yield* app.get(`${repository}/contents/src?ref=${pull.headSha}`)
        expect(folder.body).toMatchObject([
          { type: "file", name: "ä b.ts" },
          { type: "dir", name: "deep" }
        ])
        expect((yield* app.get(`${repository}/contents/none.ts?ref=${pull.headSha}`)).status).toBe(404)
        expect((yield* app.get(`${repository}/contents/src?ref=${"0".repeat(40)}`)).status).toBe(404)
      })
    )
  )
})
