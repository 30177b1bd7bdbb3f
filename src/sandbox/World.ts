/**
 * Where the one state lives. All changes go through here, one at a time, and what was true before the last change of
 * each part is kept for stale readings.
 */
import { type Clock, Duration, Effect, Either, Ref } from "effect"
import type { GithubState } from "./github/GithubState.ts"

/** The parts that are read by listing. */
type Part = "pulls" | "reviews" | "checkRuns"
const parts: ReadonlyArray<Part> = ["pulls", "reviews", "checkRuns"]

type Past = Pick<GithubState, Part>

export interface World {
  readonly state: Effect.Effect<GithubState>
  /** The state as a replica sees it that has not got the last change of reviews, check runs or pull requests. */
  readonly stale: Effect.Effect<GithubState>
  /** Applies a rule; a refusal leaves the state as it is. */
  readonly change: <A, E>(
    rule: (state: GithubState) => Either.Either<readonly [A, GithubState], E>
  ) => Effect.Effect<A, E>
  /** Milliseconds since 1970: the real time plus all that `advance` added. */
  readonly now: Effect.Effect<number>
  readonly advance: (by: Duration.DurationInput) => Effect.Effect<void>
}

interface Held {
  readonly state: GithubState
  readonly past: Past
}

const advanceTo = (held: Held, state: GithubState): Held => {
  const changed = parts.filter((part) => state[part] !== held.state[part])
  const before = Object.fromEntries(changed.map((part) => [part, held.state[part]]))
  return { state, past: { ...held.past, ...before } }
}

/** A pull request that was opened just now is seen all the same: nobody can ask for what he can't know of. */
const lagging = ({ state, past }: Held): GithubState => ({
  ...state,
  ...past,
  pulls: new Map([...state.pulls, ...past.pulls])
})

/** `clock` is the real one, whatever clock the caller runs under: the tokens of its clients expire by it. */
export const makeWorld = (initial: GithubState, clock: Clock.Clock): Effect.Effect<World> =>
  Effect.gen(function* () {
    const ref = yield* Ref.make<Held>({
      state: initial,
      past: { pulls: initial.pulls, reviews: initial.reviews, checkRuns: initial.checkRuns }
    })
    const ahead = yield* Ref.make(0)
    return {
      state: Effect.map(Ref.get(ref), ({ state }) => state),
      stale: Effect.map(Ref.get(ref), lagging),
      change: <A, E>(rule: (state: GithubState) => Either.Either<readonly [A, GithubState], E>) =>
        Ref.modify(ref, (held): readonly [Either.Either<A, E>, Held] => {
          const outcome = rule(held.state)
          return Either.isLeft(outcome)
            ? [Either.left(outcome.left), held]
            : [Either.right(outcome.right[0]), advanceTo(held, outcome.right[1])]
        }).pipe(Effect.flatten),
      now: Effect.zipWith(clock.currentTimeMillis, Ref.get(ahead), (real, added) => real + added),
      advance: (by) => Ref.update(ahead, (added) => added + Duration.toMillis(by))
    }
  })
