import { Effect } from "effect"
import type { Amounts } from "../Amounts.ts"

/** Runs the rounds that the amounts ask for and the time allows, at least one. */
export const forRounds = <E, R>(
  amounts: Amounts,
  part: keyof Amounts["noRoundAfter"],
  round: (n: number) => Effect.Effect<void, E, R>
): Effect.Effect<void, E, R> =>
  Effect.iterate(1, {
    while: (n) => n === 1 || (n <= amounts.rounds && performance.now() / 1000 < amounts.noRoundAfter[part]),
    body: (n) => Effect.as(round(n), n + 1)
  })
