/** The review pipeline, measured against its limits. */
import { writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { Console, Effect } from "effect"
import { computer, load } from "../host/Machine.ts"
import { progress } from "../host/Progress.ts"
import { full, quick } from "./Amounts.ts"
import { measure, type PartName } from "./Measure.ts"
import { page, table } from "./Report.ts"

const resultsFile = fileURLToPath(new URL("../REVIEW.md", import.meta.url))

export interface ReviewOptions {
  readonly quick: boolean
  readonly json: boolean
  readonly wants: (part: PartName) => boolean
  readonly all: boolean
}

export const benchReview = (options: ReviewOptions) =>
  Effect.gen(function* () {
    const loadBefore = load()
    yield* progress("compiling")
    const results = yield* measure(options.quick ? quick : full, options.wants)
    yield* Console.log(options.json ? JSON.stringify(results) : table(results))
    if (options.all && !options.quick) {
      yield* Effect.sync(() => writeFileSync(resultsFile, page(computer(), loadBefore, results)))
    }
    yield* progress("done")
  })
