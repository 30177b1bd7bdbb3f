/** A model that finds fault with each added line that says so, and quotes it. */
import type { ModelFinding } from "../../src/review/ModelFinding.ts"
import type { Question } from "../../src/sandbox/ModelSandbox.ts"

/** What such a line says. */
export const word = "WRONG"

export const faults = ({ prompt }: Question): ReadonlyArray<ModelFinding> => {
  let path = ""
  return prompt.split("\n").flatMap((line) => {
    path = /^FILE (\S+),/.exec(line)?.[1] ?? path
    return line.startsWith("+") && line.includes(word)
      ? [
          {
            path,
            quote: line.slice(1),
            severity: "high",
            category: "bug",
            confidence: "high",
            title: `Wrong: ${line.slice(1).trim()}`,
            message: "It does not do what it says.",
            suggestion: null
          }
        ]
      : []
  })
}
