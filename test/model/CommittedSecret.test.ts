import { Effect, Option } from "effect"
import { describe, expect, it } from "vitest"
import { scanSecrets } from "../../src/model/Rules.ts"
import { commentable } from "../../src/review/Commentable.ts"
import { placeFindings } from "../../src/review/Place.ts"
import { renderReviewBody } from "../../src/review/ReviewBody.ts"
import { changedFile, newFile } from "../review/Patches.ts"
import { findingsIn, short } from "./Reviewed.ts"
import { dummySecrets } from "./SecretCorpus.ts"

const sayAll = (file: ReturnType<typeof newFile>) =>
  findingsIn(file).then((found) => {
    const placement = placeFindings(found, commentable([file]), {
      minSeverity: "low",
      maxComments: 100,
      suggestions: true
    })
    const key = { owner: "a", repo: "b", pullRequest: 1, commitSha: "ab12".repeat(10), generation: 0 }
    const body = renderReviewBody({
      key,
      placement,
      coverage: [],
      provider: "rules",
      model: "rules",
      history: Option.none(),
      notes: []
    })
    return { found, said: JSON.stringify([found, placement, body]) }
  })

describe("a committed secret", () => {
  it.each(dummySecrets.map((dummy) => [dummy.name, dummy] as const))(
    "is reported on its line and nowhere repeated: %s",
    async (_, dummy) => {
      const { found, said } = await sayAll(newFile("src/settings.ts", "start", ...dummy.line.split("\n")))
      expect(found.map(short)).toEqual([`2 secret/${dummy.kind}`])
      expect(found[0]?.severity).toBe("critical")
      for (let at = 4; at + 8 <= dummy.secret.length; at++) {
        expect(said).not.toContain(dummy.secret.slice(at, at + 8))
      }
    }
  )

  it("is reported only when this change added it", async () => {
    const [dummy] = dummySecrets
    const before = `${dummy?.line}\n`
    expect(await findingsIn(changedFile("a.ts", before, `${before}const b = 2\n`))).toEqual([])
    expect(await findingsIn(changedFile("a.ts", before, "const b = 2\n"))).toEqual([])
  })

  it("is reported on the first line that was added when only a part of it is new", async () => {
    const pem = dummySecrets.find(({ kind }) => kind === "private-key")
    const [header, ...rest] = pem?.line.split("\n") ?? []
    const found = await findingsIn(
      changedFile("a.pem", `x\n${header}\n`, `x\n${[header, ...rest].join("\n")}\n`)
    )
    expect(found.map(short)).toEqual(["3 secret/private-key"])
  })

  it("is worth less in a test, where keys are often made for it", async () => {
    const severityOf = async (kind: string, path: string) => {
      const dummy = dummySecrets.find((candidate) => candidate.kind === kind)
      return (await findingsIn(newFile(path, ...(dummy?.line.split("\n") ?? []))))[0]?.severity
    }
    expect(await severityOf("private-key", "test/fixtures/key.pem")).toBe("medium")
    expect(await severityOf("stripe-key", "test/pay.test.ts")).toBe("high")
  })

  it("is found in files that are not reviewed otherwise, and nothing else is", async () => {
    const [dummy] = dummySecrets
    const lines = [dummy?.line ?? "", `it.on${"ly"}("x", () => {})`]
    const found = await Effect.runPromise(scanSecrets([newFile("vendor/a.test.ts", ...lines)]))
    expect(found.map(short)).toEqual([`1 secret/${dummy?.kind}`])
    expect(found.every(({ suggestion }) => Option.isNone(suggestion))).toBe(true)
  })
})
