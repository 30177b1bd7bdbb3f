import { Effect, Option } from "effect"
import { describe, expect, it } from "vitest"
import type { ChangedFile } from "../../src/review/Diff.ts"
import { realPaths, shownFile, shownPath } from "../../src/review/Shown.ts"
import { dummySecrets } from "../model/SecretCorpus.ts"
import { changedFile, newFile } from "./Patches.ts"

const pem = dummySecrets.find(({ name }) => name === "RSA PRIVATE KEY PEM")
const [header = "", ...rest] = pem?.line.split("\n") ?? []
const textsOf = (files: Awaited<ReturnType<typeof shown>>) =>
  files.flatMap(({ hunks }) => hunks.flatMap(({ lines }) => lines.map(({ kind, text }) => `${kind} ${text}`)))
const shown = (...files: ReadonlyArray<ChangedFile>) => Effect.runPromise(Effect.forEach(files, shownFile))

describe("shownFile", () => {
  it("keeps every line and its number, without secrets and without what can't be seen", async () => {
    const file = newFile("src/a.ts", "one\u200b", `const a = "${dummySecrets[0]?.secret}"`, "three")
    const [after] = await shown(file)
    expect(textsOf(after === undefined ? [] : [after])).toEqual([
      "added one",
      'added const a = "[redacted: aws-access-key-id]"',
      "added three"
    ])
    const numbers = after?.hunks[0]?.lines.map(({ newLine }) => Option.getOrNull(newLine))
    expect(numbers).toEqual([1, 2, 3])
  })

  it("knows a key of several lines on either side of the change", async () => {
    const other = dummySecrets.find(({ name }) => name === "PRIVATE KEY PEM")?.line.split("\n") ?? []
    const before = ["a", header, ...rest, "z"].join("\n")
    const after = ["a", header, "b", ...other.slice(1), "z"].join("\n")
    const texts = textsOf(await shown(changedFile("a.pem", `${before}\n`, `${after}\n`))).join("\n")
    for (const line of (pem?.secret ?? "").split("\n")) expect(texts).not.toContain(line)
  })
})

describe("paths", () => {
  it("are shown in one line, and found again by what is shown", async () => {
    expect(shownPath("a\nb\u202e.ts")).toBe("a b.ts")
    const secret = dummySecrets[3]?.secret ?? ""
    const paths = await Effect.runPromise(realPaths([newFile(`src/${secret}.ts`, "x"), newFile("a\nb", "x")]))
    expect([...paths]).toEqual([
      ["[redacted: github-token]", `src/${secret}.ts`],
      ["a b", "a\nb"]
    ])
  })
})
