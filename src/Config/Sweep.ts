/** How often deliveries that never arrived are looked for. */
import { type Config, Duration, Either, Option } from "effect"
import * as Setting from "./Setting.ts"

/** So that several sweeps fall into the three days for which GitHub remembers. */
const pace = Setting.duration({ min: "1 second", max: "1 day" })

/** None: they are not looked for. */
export const sweepEvery: Config.Config<Option.Option<Duration.Duration>> = Setting.withDefault(
  "HOLDFAST_SWEEP_EVERY",
  Option.some(Duration.minutes(5)),
  (text) =>
    /^(?:off|0)$/i.test(text)
      ? Either.right(Option.none())
      : Either.mapBoth(pace(text), {
          onRight: Option.some,
          onLeft: ({ problem, remedy }) => ({ problem, remedy: `${remedy} Or set it to off.` })
        })
)
