import { Effect } from "effect"
import type { Amounts } from "../Amounts.ts"

type Part = keyof Amounts["noRoundAfter"]

/** Whether the time allows a round; the first one it always does. */
export const allows = (amounts: Amounts, part: Part, n: number): boolean =>
  n === 1 || performance.now() / 1000 < amounts.noRoundAfter[part]

/** Runs the rounds that the amounts ask for and the time allows. */
export const forRounds = <E, R>(
  amounts: Amounts,
  part: Part,
  round: (n: number) => Effect.Effect<void, E, R>
): Effect.Effect<void, E, R> =>
  Effect.iterate(1, {
    while: (n) => n <= amounts.rounds && allows(amounts, part, n),
    body: (n) => Effect.as(round(n), n + 1)
  })
