import { describe, expect, it } from "@effect/vitest"
import { fromRecord } from "../../src/sandbox/git/FileTree.ts"
import { diffTrees } from "../../src/sandbox/git/TreeDiff.ts"
import { scenarios } from "../../src/sandbox/scenarios/Scenarios.ts"

const changesOf = (name: string) => {
  const scenario = scenarios[name]
  return diffTrees(fromRecord(scenario?.before ?? {}), fromRecord(scenario?.after ?? {}))
}

const added = (name: string, path: string): string =>
  (changesOf(name).find((file) => file.path === path)?.patch ?? "")
    .split("\n")
    .filter((line) => line.startsWith("+"))
    .map((line) => line.slice(1))
    .join("\n")

describe("the scenario checkout", () => {
  it("has the problems that a reviewer is to find, on added lines", () => {
    expect(added("checkout", "src/receipts.js")).toMatch(/"AKIA[0-9A-Z]{16}"/)
    expect(added("checkout", "src/checkout.js")).toMatch(/^ +debugger$/m)
    expect(added("checkout", "src/server.js")).toMatch(/^<{7} HEAD$[\s\S]*^={7}$[\s\S]*^>{7} receipts$/m)
    expect(added("checkout", "test/basket.test.js")).toMatch(/^test\.only\(/m)
    expect(added("checkout", ".env")).toContain("RECEIPTS_BUCKET")
  })

  it("has every kind of change around them", () => {
    const kinds = changesOf("checkout").map(({ path, status, previousPath }) => [path, status, previousPath])
    expect(kinds).toEqual([
      [".env", "added", undefined],
      ["assets/receipt-logo.png", "added", undefined],
      ["package-lock.json", "modified", undefined],
      ["package.json", "modified", undefined],
      ["src/basket.js", "modified", undefined],
      ["src/checkout.js", "modified", undefined],
      ["src/legacy-tax.js", "removed", undefined],
      ["src/money.js", "renamed", "src/format-price.js"],
      ["src/receipts.js", "added", undefined],
      ["src/server.js", "modified", undefined],
      ["test/basket.test.js", "modified", undefined]
    ])
  })
})

describe("the scenario newsletter", () => {
  it("has problems of its own", () => {
    expect(added("newsletter", "src/newsletter.js")).toMatch(/"ghp_[0-9A-Za-z]{36}"/)
    expect(added("newsletter", "test/newsletter.test.js")).toMatch(/^describe\.only\(/m)
  })
})
