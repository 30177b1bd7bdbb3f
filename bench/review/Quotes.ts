/** What a model says of a generated change: findings that quote it, as models quote. */
import type { ModelFinding } from "../../src/review/ModelFinding.ts"
import type { Change } from "./Change.ts"
import { sentence } from "./Code.ts"
import { type Random, random } from "./Random.ts"

type Lines = ReadonlyArray<string>

/** Half of the quotes are as they stand; the others are as models spoil them, and one of ten stands nowhere. */
const manners: readonly [(lines: Lines) => Lines, ...ReadonlyArray<(lines: Lines) => Lines>] = [
  (lines) => lines,
  (lines) => lines,
  (lines) => lines,
  (lines) => lines,
  (lines) => lines,
  (lines) => lines.map((line) => `+${line}`),
  (lines) => ["```", ...lines.map((line) => line.trim()), "```"],
  (lines) => lines.map((line, at) => `${at + 10} | ${line}`),
  (lines) => (lines.length < 3 ? lines : [lines[0] ?? "", "  // ...", lines.at(-1) ?? ""]),
  (lines) => lines.map((line) => `${line} as it never was`)
]

const finding = (path: string, quote: string, by: Random): ModelFinding => ({
  path,
  quote,
  severity: by.pick(["low", "medium", "high", "critical"]),
  category: by.pick(["bug", "security", "performance", "error-handling"]),
  confidence: "high",
  title: sentence(by, 8),
  message: sentence(by, 40),
  suggestion: by.int(3) === 0 ? quote : null
})

/** So many findings, each about one to six lines of some file. */
export const makeFindings = (change: Change, count: number, seed = 2): ReadonlyArray<ModelFinding> => {
  const by = random(seed)
  return Array.from({ length: count }, (_, at) => {
    const file = change[by.int(change.length)]
    const lines = file?.stretches[by.int(file.stretches.length)] ?? []
    const from = by.int(Math.max(1, lines.length - 6))
    const manner = manners[at % manners.length] ?? manners[0]
    return finding(file?.path ?? "", manner(lines.slice(from, from + 1 + by.int(6))).join("\n"), by)
  })
}
