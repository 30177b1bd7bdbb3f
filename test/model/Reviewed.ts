/** What the rules say of a change, in short. */
import { Effect, Option } from "effect"
import { reviewLines } from "../../src/model/Rules.ts"
import type { ChangedFile } from "../../src/review/Diff.ts"
import type { Finding } from "../../src/review/Finding.ts"
import { newFile } from "../review/Patches.ts"

export const findingsIn = (...files: ReadonlyArray<ChangedFile>): Promise<ReadonlyArray<Finding>> =>
  Effect.runPromise(reviewLines(files))

/** As in `2 focused-test`; a span as in `2-6 conflict-marker`. */
export const short = (finding: Finding): string => {
  const line = Option.match(finding.line, { onNone: () => "-", onSome: String })
  const start = Option.match(finding.startLine, { onNone: () => "", onSome: (first) => `${first}-` })
  return `${start}${line} ${finding.rule}`
}

/** What is found in a new file with these lines. */
export const found = async (path: string, ...lines: ReadonlyArray<string>): Promise<ReadonlyArray<string>> =>
  (await findingsIn(newFile(path, ...lines))).map(short)

/** The suggestion for the one finding in a new file with these lines. */
export const suggested = async (
  path: string,
  ...lines: ReadonlyArray<string>
): Promise<string | undefined> => {
  const [only] = await findingsIn(newFile(path, ...lines))
  return only === undefined ? undefined : Option.getOrUndefined(only.suggestion)
}
