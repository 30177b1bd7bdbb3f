/** What the command line asks for. */
import { parseArgs } from "node:util"
import { type Amounts, full, quick } from "./Amounts.ts"
import { type PartName as ReviewPart, partNames as reviewParts } from "./review/Measure.ts"

const queueParts = [
  "throughput",
  "latency",
  "enqueue",
  "finishedRows",
  "recovery",
  "idle",
  "workers"
] as const
type QueuePart = (typeof queueParts)[number]

export interface Options {
  /** What is measured: the queue beside others, or the review pipeline. */
  readonly subject: "queue" | "review"
  readonly amounts: Amounts
  readonly quick: boolean
  readonly json: boolean
  /** Whether a part is to be measured. */
  readonly wants: (part: QueuePart | ReviewPart) => boolean
  /** Whether all of them are, and so the results are worth keeping. */
  readonly all: boolean
}

const usage = `npm run bench [-- options]

  --review         measure the review pipeline, in two minutes at most, instead of the queue
  --quick          at most three minutes, with fewer samples; the file of results stays as it is
  --json           print one JSON object; use it with npm run -s, or npm prints its own lines before it
  --only a,b       measure only these parts: ${queueParts.join(", ")};
                   with --review: ${reviewParts.join(", ")}
  --help           print this
`

/** The options, or what to print instead of running. */
export const parse = (
  args: ReadonlyArray<string>
): Options | { readonly print: string; readonly code: number } => {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        review: { type: "boolean", default: false },
        quick: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
        only: { type: "string" }
      }
    })
    if (values.help) return { print: usage, code: 0 }
    const partNames: ReadonlyArray<string> = values.review ? reviewParts : queueParts
    const only = values.only?.split(",") ?? partNames
    const unknown = only.find((name) => !partNames.includes(name))
    if (unknown !== undefined) return { print: `There is no part "${unknown}".\n\n${usage}`, code: 1 }
    const chosen = new Set(only)
    return {
      subject: values.review ? "review" : "queue",
      amounts: values.quick ? quick : full,
      quick: values.quick,
      json: values.json,
      wants: (part) => chosen.has(part),
      all: partNames.every((part) => chosen.has(part))
    }
  } catch (error) {
    return { print: `${error instanceof Error ? error.message : String(error)}\n\n${usage}`, code: 1 }
  }
}
