import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { layer } from "../../src/model/Providers.ts"
import { ReviewModels } from "../../src/review/ReviewModel.ts"
import { newFile } from "../review/Patches.ts"

const select = (provider: string) =>
  Effect.flatMap(ReviewModels, (models) => models.select({ provider })).pipe(Effect.provide(layer))

describe("the providers", () => {
  it("have rules, which cost nothing", async () => {
    const answer = await Effect.runPromise(
      Effect.flatMap(select("rules"), (model) =>
        model.review({ key: "k", tokens: 1, files: [newFile("src/a.ts", "debug" + "ger;")] })
      )
    )
    expect(answer).toMatchObject({
      inputTokens: 0,
      outputTokens: 0,
      findings: [{ rule: "debugger-leftover" }]
    })
  })

  it.each([
    ["anthropic", /"anthropic" is not built into this version.*"rules"/],
    ["open-ai", /no provider "open-ai".*"rules".*"openai"/]
  ])("say of %s what there is instead", async (provider, expected) => {
    const error = await Effect.runPromise(Effect.flip(select(provider)))
    expect(error._tag).toBe("UnknownProvider")
    expect(error.message).toMatch(expected)
  })
})
