import { assert, describe, it } from "@effect/vitest"
import { Either, Option } from "effect"
import { type SelectionOptions, select } from "../../../src/cli/review/Selection.ts"

const options = (given: {
  readonly change?: string
  readonly base?: string
  readonly patch?: string
  readonly staged?: boolean
  readonly dryRun?: boolean
}): SelectionOptions => ({
  change: Option.fromNullable(given.change),
  base: Option.fromNullable(given.base),
  patch: Option.fromNullable(given.patch),
  staged: given.staged ?? false,
  dryRun: given.dryRun ?? false
})

const range = (from: string, to: string, symmetric: boolean) => ({
  _tag: "Range" as const,
  from,
  to,
  symmetric
})

describe("the selection of a change", () => {
  it("knows each kind", () => {
    for (const [given, selection] of [
      [{}, { _tag: "WorkingTree" }],
      [{ staged: true }, { _tag: "Staged" }],
      [{ base: "main" }, { _tag: "Base", ref: "main" }],
      [{ patch: "-" }, { _tag: "Patch", file: "-" }],
      [{ change: "a..b" }, range("a", "b", false)],
      [{ change: "a...b" }, range("a", "b", true)],
      [{ change: "v1.2..v1.3" }, range("v1.2", "v1.3", false)],
      [{ change: "main.." }, range("main", "HEAD", false)],
      [{ change: "...topic" }, range("HEAD", "topic", true)],
      // A branch may be called so.
      [{ change: "fix/it#1..fix/it#2" }, range("fix/it#1", "fix/it#2", false)],
      [{ change: "a\nb..c" }, range("a\nb", "c", false)],
      [
        { change: "acme/web.shop_2#12", dryRun: true },
        { _tag: "PullRequest", owner: "acme", repo: "web.shop_2", number: 12 }
      ]
    ] as const) {
      assert.deepStrictEqual(select(options(given)), Either.right(selection))
    }
  })

  it("says what is wrong", () => {
    for (const [given, said] of [
      [{ change: ".." }, /neither end/],
      [{ change: "main" }, /not a range.*--base main/],
      [{ change: "acme/web-shop#1" }, /holdfast review 'acme\/web-shop#1' --dry-run/],
      [{ change: "a..b", base: "c" }, /a range or pull request and --base/],
      [{ staged: true, patch: "-" }, /--staged and --patch/],
      [{ dryRun: true }, /Name one/],
      [{ dryRun: true, staged: true }, /Name one/],
      [{ dryRun: true, change: "a..b" }, /does not name a pull request/],
      [{ dryRun: true, change: "acme/web-shop" }, /owner\/repo#12/],
      [{ dryRun: true, change: "acme/web-shop#0" }, /does not name/],
      [{ dryRun: true, change: "acme/web/shop#1" }, /does not name/],
      [{ dryRun: true, change: "https://github.com/acme/web-shop/pull/1" }, /does not name/]
    ] as const) {
      assert.match(Either.getOrThrow(Either.flip(select(options(given)))), said)
    }
  })
})
