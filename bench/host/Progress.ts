import { Effect } from "effect"

/** One line to stderr, with the seconds since the start; stdout is for results. */
export const progress = (line: string) =>
  Effect.sync(() => process.stderr.write(`${(performance.now() / 1000).toFixed(0).padStart(5)} s  ${line}\n`))
