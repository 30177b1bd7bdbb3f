import { describe, expect, it } from "@effect/vitest"
import { FastCheck } from "effect"
import { openFence } from "../../src/review/CodeFence.ts"
import { truncate } from "../../src/review/Truncate.ts"

describe("truncate", () => {
  it("leaves alone what fits", () => {
    expect(truncate("```\nopen", 100)).toBe("```\nopen")
  })

  it("fits, and leaves no code block open, wherever it cuts", () => {
    const line = FastCheck.constantFrom(
      "```",
      "````ts",
      "~~~",
      "text",
      "``` `",
      "   ```",
      "x".repeat(30),
      "`".repeat(40)
    )
    FastCheck.assert(
      FastCheck.property(
        FastCheck.array(line, { maxLength: 12 }),
        FastCheck.integer({ min: 0, max: 200 }),
        (lines, max) => {
          const text = lines.join("\n")
          const cut = truncate(text, max)
          expect(cut.length).toBeLessThanOrEqual(Math.max(max, 0))
          if (text.length > max) expect(openFence(cut)).toBe("")
        }
      ),
      { numRuns: 3000 }
    )
  })
})
