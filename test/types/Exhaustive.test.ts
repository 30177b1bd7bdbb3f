/** Whoever adds a member to one of the queue's unions is told every place that must say something about it. */
import * as fs from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { compileWith } from "../support/Compiler.ts"
import { found } from "./Marked.ts"

const read = (file: string) => fs.readFileSync(file, "utf8")

/** The file with a change that must be possible. */
const edited = (file: string, from: string, to: string): string => {
  const text = read(file)
  assert.include(text, from)
  return text.replace(from, to)
}

const lineOf = (file: string, text: string): number => {
  const index = read(file)
    .split("\n")
    .findIndex((line) => line.includes(text))
  assert.isAtLeast(index, 0)
  return index + 1
}

const everything = fs
  .readdirSync("src/queue", { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => `src/queue/${file}`)

describe("exhaustive matches", () => {
  it("the queue compiles as it is", () => assert.deepStrictEqual(found(compileWith(everything, {})), []))

  it("a new error without a policy does not compile, and nothing else needs to know of it", () => {
    const file = "src/queue/JobError.ts"
    const changed = edited(
      file,
      "export type JobError = Transient",
      'export class Novel extends Schema.TaggedError<Novel>()("Novel", { message: Schema.String }) {}\nexport type JobError = Novel | Transient'
    )
    const line = lineOf("src/queue/Disposition.ts", "Match.typeTags<JobError>()(")
    assert.deepStrictEqual(found(compileWith(everything, { [file]: changed })), [
      `Disposition.ts:${line} TS2345`
    ])
  })

  it("a new reason without a sentence does not compile", () => {
    const file = "src/queue/Transition.ts"
    const changed = edited(
      file,
      'Schema.TaggedStruct("Claimed", {}),',
      'Schema.TaggedStruct("Claimed", {}), Schema.TaggedStruct("Novel", {}),'
    )
    const mistakes = found(compileWith(everything, { [file]: changed }))
    assert.include(mistakes, `Transition.ts:${lineOf(file, "export const describe")} TS2366`)
  })
})
