import { describe, expect, it } from "vitest"
import { defaultConfig, mergeConfig } from "../../src/review/EffectiveConfig.ts"

describe("mergeConfig", () => {
  it("gives the defaults where nobody says anything", () => {
    const { notes, sources, values } = mergeConfig({}, {})
    expect(values).toEqual(defaultConfig)
    expect(new Set(Object.values(sources))).toEqual(new Set(["default"]))
    expect(notes).toEqual([])
  })

  it("lets the repository speak last, and knows who said what", () => {
    const { sources, values } = mergeConfig(
      { "review.style": "strict", "review.language": "de", "skip.labels": ["a"] },
      { "review.style": "chill", "skip.labels": [] }
    )
    expect([values["review.style"], sources["review.style"]]).toEqual(["chill", "repository"])
    expect([values["review.language"], sources["review.language"]]).toEqual(["de", "installation"])
    expect([values["skip.labels"], sources["skip.labels"]]).toEqual([[], "repository"])
    expect([values["skip.bots"], sources["skip.bots"]]).toEqual([true, "default"])
  })

  it("lets a repository lower the installation's limits but not raise them, and says so", () => {
    const installation = { "files.max_files": 50, "limits.max_tokens": 1000, "review.max_comments": 5 }
    const { notes, values } = mergeConfig(installation, {
      "files.max_files": 20,
      "limits.max_tokens": 5000,
      "review.max_comments": 5
    })
    expect(values["files.max_files"]).toBe(20)
    expect(values["limits.max_tokens"]).toBe(1000)
    expect(notes).toEqual(["limits.max_tokens is 1000, not 5000: the installation allows no more"])
  })

  it("has ceilings for a repository also where the installation set none, and none for the installation", () => {
    expect(mergeConfig({}, { "limits.max_tokens": 100_000_000 }).values["limits.max_tokens"]).toBe(200_000)
    expect(mergeConfig({}, { "review.max_comments": 30 }).values["review.max_comments"]).toBe(30)
    expect(mergeConfig({ "files.max_files": 3000 }, {}).values["files.max_files"]).toBe(3000)
  })

  it("adds ignored paths up, and keeps off what the installation switched off", () => {
    const { notes, values } = mergeConfig(
      { enabled: false, "files.ignore": ["legal/**"] },
      { enabled: true, "files.ignore": ["dist/**"] }
    )
    expect(values["files.ignore"]).toEqual(["legal/**", "dist/**"])
    expect(values.enabled).toBe(false)
    expect(notes).toEqual(["enabled is false: the installation has switched reviews off"])
    expect(mergeConfig({}, { enabled: false }).values.enabled).toBe(false)
  })
})
