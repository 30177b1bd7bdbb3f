import { Option } from "effect"
import { describe, expect, it } from "vitest"
import { type ConfigLayer, mergeConfig } from "../../src/review/EffectiveConfig.ts"
import { skipPullRequest } from "../../src/review/SkipRules.ts"

const pullRequest = {
  draft: false,
  authorIsBot: false,
  labels: ["bug"],
  title: "Add a cart",
  baseBranch: "main"
}

const reason = (layer: ConfigLayer, changes: Partial<typeof pullRequest> = {}): string | undefined =>
  Option.getOrUndefined(skipPullRequest(mergeConfig({}, layer).values, { ...pullRequest, ...changes }))

describe("skipPullRequest", () => {
  it("reviews an ordinary pull request", () => {
    expect(reason({})).toBeUndefined()
  })

  it.each<[string, ConfigLayer, Partial<typeof pullRequest>]>([
    ["reviews are switched off", { enabled: false }, {}],
    ["it is a draft; it will be reviewed when it is marked as ready for review", {}, { draft: true }],
    ["its author is a bot", {}, { authorIsBot: true }],
    ["it has the label No-Review", {}, { labels: ["x", "No-Review"] }],
    ["its title matches ^WIP", {}, { title: "WIP: cart" }],
    ["its title matches (?i)\\bdraft\\b", { "skip.titles": ["(?i)\\bdraft\\b"] }, { title: "A DRAFT of it" }],
    [
      "its base branch matches release/*",
      { "skip.base_branches": ["release/*"] },
      { baseBranch: "release/1" }
    ],
    ["its base branch matches main", { "skip.base_branches": ["main"] }, {}]
  ])("leaves it alone because %s", (expected, layer, changes) => {
    expect(reason(layer, changes)).toBe(expected)
  })

  it("reviews drafts and bots where the configuration says so", () => {
    const layer = { "skip.drafts": false, "skip.bots": false, "skip.labels": [], "skip.titles": [] }
    expect(
      reason(layer, { draft: true, authorIsBot: true, labels: ["no-review"], title: "WIP" })
    ).toBeUndefined()
  })

  it("does not confuse a branch with the end of another", () => {
    expect(reason({ "skip.base_branches": ["main"] }, { baseBranch: "feature/main" })).toBeUndefined()
  })

  it("survives a pattern on which backtracking never ends", () => {
    expect(
      reason({ "skip.titles": ["^(a+)+$", "(a|aa)+$", "(.*a){20}"] }, { title: `${"a".repeat(255)}!` })
    ).toBeDefined()
    expect(reason({ "skip.titles": ["^(a+)+$"] }, { title: `${"a".repeat(255)}!` })).toBeUndefined()
  })
})
