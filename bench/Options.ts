/** What the command line asks for. */
import { parseArgs } from "node:util"
import { type Amounts, full, quick } from "./Amounts.ts"

const partNames = ["throughput", "latency", "enqueue", "finishedRows", "recovery", "idle", "workers"] as const
type PartName = (typeof partNames)[number]

export interface Options {
  readonly amounts: Amounts
  readonly quick: boolean
  readonly json: boolean
  /** Whether a part is to be measured. */
  readonly wants: (part: PartName) => boolean
  /** Whether all of them are, and so the results are worth keeping. */
  readonly all: boolean
}

const usage = `npm run bench [-- options]

  --quick          at most three minutes, with fewer samples; bench/RESULTS.md stays as it is
  --json           print one JSON object; use it with npm run -s, or npm prints its own lines before it
  --only a,b       measure only these parts: ${partNames.join(", ")}
  --help           print this
`

const isPart = (name: string): name is PartName => partNames.some((part) => part === name)

/** The options, or what to print instead of running. */
export const parse = (
  args: ReadonlyArray<string>
): Options | { readonly print: string; readonly code: number } => {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        quick: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
        only: { type: "string" }
      }
    })
    if (values.help) return { print: usage, code: 0 }
    const only = values.only?.split(",") ?? partNames
    const unknown = only.find((name) => !isPart(name))
    if (unknown !== undefined) return { print: `There is no part "${unknown}".\n\n${usage}`, code: 1 }
    const chosen = new Set<string>(only)
    return {
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
