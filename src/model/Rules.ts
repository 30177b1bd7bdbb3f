/** The reviewer that needs no key and no network: rules with as few false alarms as we can manage. */
import { Effect, Layer } from "effect"
import type { ChangedFile } from "../review/Diff.ts"
import type { Finding } from "../review/Finding.ts"
import { ReviewRules } from "../review/ReviewRules.ts"
import { committedSecret } from "./rules/CommittedSecret.ts"
import { conflictMarker } from "./rules/ConflictMarker.ts"
import { debuggerLeftover } from "./rules/DebuggerLeftover.ts"
import { droppings } from "./rules/Droppings.ts"
import { environmentFile } from "./rules/EnvironmentFile.ts"
import type { FileRule } from "./rules/FileRule.ts"
import { focusedTest } from "./rules/FocusedTest.ts"
import { keyFile } from "./rules/KeyFile.ts"
import { largeBinary } from "./rules/LargeBinary.ts"
import type { Rule } from "./rules/Rule.ts"
import { skippedTest } from "./rules/SkippedTest.ts"
import { vendoredDependencies } from "./rules/VendoredDependencies.ts"

const lineRules: ReadonlyArray<Rule> = [
  committedSecret,
  conflictMarker,
  focusedTest,
  skippedTest,
  debuggerLeftover
]

const fileRules: ReadonlyArray<FileRule> = [
  keyFile,
  environmentFile,
  vendoredDependencies,
  largeBinary,
  droppings
]

const run = (
  rules: ReadonlyArray<Rule>,
  files: ReadonlyArray<ChangedFile>
): Effect.Effect<ReadonlyArray<Finding>> =>
  Effect.forEach(files, (file) =>
    // Between files other fibers get their turn: a heartbeat must not wait for a large pull request.
    Effect.forEach(rules, (rule) => rule.check(file)).pipe(Effect.zipLeft(Effect.yieldNow()))
  ).pipe(Effect.map((found) => found.flat(2)))

/** All rules about added lines, in the order of files and rules. */
export const reviewLines = Effect.fn("Rules.reviewLines")((files: ReadonlyArray<ChangedFile>) =>
  run(lineRules, files)
)

/** Only secrets, for files that are left out of the review. */
export const scanSecrets = Effect.fn("Rules.scanSecrets")((files: ReadonlyArray<ChangedFile>) =>
  run([committedSecret], files)
)

/** Rules about files as such. */
export const reviewFiles = (
  files: ReadonlyArray<ChangedFile>,
  sizes: ReadonlyMap<string, number>
): ReadonlyArray<Finding> => fileRules.flatMap((rule) => rule.check(files, sizes))

/** The rules for other rooms. */
export const layer: Layer.Layer<ReviewRules> = Layer.succeed(ReviewRules, {
  reviewLines,
  scanSecrets,
  reviewFiles: Effect.fn("Rules.reviewFiles")((files, sizes) => Effect.sync(() => reviewFiles(files, sizes)))
})
