/** What a test has the model say. */
import type { Effect } from "effect"
import type { RepliedFault } from "./ModelFaults.ts"
import type { Question, Said } from "./Question.ts"

export type Reply = Said | { readonly fault: RepliedFault }

/** May take its time, in real time, when it gives an Effect. */
export type Script = (question: Question) => Reply | Effect.Effect<Reply>

/** What a sandbox says to a second look that was told nothing else. */
export const noVerdicts: Said = { json: { verdicts: [] } }

/** What a sandbox says that was told nothing else. */
export const noFindings: Said = { json: { findings: [] } }
