/** Whoever adds a member to one of the queue's unions is told every place that must say something about it. */
import * as fs from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { compileWith } from "../support/Compiler.ts"

const lineOf = (file: string, text: string): number => {
  const lines = fs.readFileSync(file, "utf8").split("\n")
  const index = lines.findIndex((line) => line.includes(text))
  assert.isAtLeast(index, 0)
  return index + 1
}

/** A change that must be possible, and moves no line. */
const replacing = (from: string, to: string) => (content: string) => {
  assert.include(content, from)
  return content.replace(from, to)
}

describe("exhaustive matches", () => {
  it.live(
    "a new error without a policy, and a new reason without a sentence and its arrows, do not compile",
    () =>
      Effect.gen(function* () {
        const mistakes = yield* compileWith({
          "queue/JobError.ts": replacing(
            "export type JobError = Transient",
            'class Novel extends Schema.TaggedError<Novel>()("Novel", { message: Schema.String }) {}; export type JobError = Novel | Transient'
          ),
          "queue/Transition.ts": replacing(
            'Schema.TaggedStruct("Claimed", {}),',
            'Schema.TaggedStruct("Claimed", {}), Schema.TaggedStruct("Novel", {}),'
          )
        })
        assert.deepStrictEqual(mistakes, [
          `Audit.ts:${lineOf("src/queue/Audit.ts", "const arrowsOf")} TS2741`,
          `Disposition.ts:${lineOf("src/queue/Disposition.ts", "Match.typeTags<JobError>()(")} TS2345`,
          `Transition.ts:${lineOf("src/queue/Transition.ts", "export const describe")} TS2366`
        ])
      }),
    90_000
  )
})
