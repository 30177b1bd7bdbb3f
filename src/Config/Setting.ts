/**
 * How one variable becomes a setting. Settings are Effect's `Config`s, whose `Config.all` goes on after a mistake, so
 * that whoever sets up Holdfast learns of all mistakes at once.
 */
import { Config, ConfigError, Duration, Either, Option } from "effect"
import type { Mistake } from "./ConfigMistakes.ts"

/** What is wrong with a value. It may quote the value, unless that is secret. */
export type Wrong = Omit<Mistake, "variable">

/** Makes a setting's value of the variable's text, or says what is wrong with it. */
export type Parse<A> = (text: string) => Either.Either<A, Wrong>

/** A variable that may be absent. An empty one counts as absent: a compose file can't unset what it lists. */
export const optional = <A>(name: string, parse: Parse<A>): Config.Config<Option.Option<A>> =>
  Config.mapOrFail(text(name), (given) =>
    Option.isNone(given)
      ? Either.right(Option.none())
      : Either.map(Either.mapLeft(parse(given.value), mistake(name)), Option.some)
  )

/** A variable that has to be set. */
export const required = <A>(name: string, remedy: string, parse: Parse<A>): Config.Config<A> =>
  Config.mapOrFail(optional(name, parse), (given) =>
    Either.fromOption(given, () => mistake(name)({ problem: "It is not set.", remedy }))
  )

/** A variable that has a default. */
export const withDefault = <A>(name: string, value: A, parse: Parse<A>): Config.Config<A> =>
  Config.map(
    optional(name, parse),
    Option.getOrElse(() => value)
  )

const text = (name: string): Config.Config<Option.Option<string>> =>
  Config.string(name).pipe(
    Config.option,
    Config.map(Option.map((value) => value.trim())),
    Config.map(Option.filter((value) => value !== ""))
  )

/** A mistake as Effect's configuration knows it; `mistakesIn` reads it back. */
export const mistake =
  (name: string) =>
  ({ problem, remedy }: Wrong): ConfigError.ConfigError =>
    ConfigError.InvalidData([name], `${problem}\n${remedy}`)

/** All mistakes of a failed configuration, in the order of its settings. */
export const mistakesIn = (error: ConfigError.ConfigError): ReadonlyArray<Mistake> => {
  switch (error._op) {
    case "And":
    case "Or":
      return [...mistakesIn(error.left), ...mistakesIn(error.right)]
    case "InvalidData":
    case "MissingData":
    case "SourceUnavailable":
    case "Unsupported": {
      const [problem = "", remedy = ""] = error.message.split("\n")
      return [{ variable: error.path.at(-1) ?? "", problem, remedy }]
    }
  }
}

/** One of the given words, in any case. */
export const oneOf =
  <Word extends string>(...words: ReadonlyArray<Word>): Parse<Word> =>
  (text) =>
    Either.fromOption(Option.fromNullable(words.find((word) => word === text.toLowerCase())), () => ({
      problem: `It is "${text}".`,
      remedy: `Set it to one of: ${words.join(", ")}.`
    }))

/** A whole number within bounds, both included. */
export const integer =
  (bounds: { readonly min: number; readonly max: number; readonly remedy?: string }): Parse<number> =>
  (text) => {
    const { max, min } = bounds
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    return value >= min && value <= max
      ? Either.right(value)
      : Either.left({
          problem: `It is "${text}".`,
          remedy: bounds.remedy ?? `Set it to a whole number from ${min} to ${max}.`
        })
  }

/** A length of time within bounds, both included, written as in `30 seconds`. */
export const duration =
  (bounds: {
    readonly min: Duration.DurationInput
    readonly max: Duration.DurationInput
  }): Parse<Duration.Duration> =>
  (text) =>
    Either.fromOption(
      Option.filter(
        Duration.decodeUnknown(text),
        Duration.between({ minimum: Duration.decode(bounds.min), maximum: Duration.decode(bounds.max) })
      ),
      () => ({
        problem: `It is "${text}".`,
        remedy: `Write it as in "30 seconds" or "2 minutes", from ${String(bounds.min)} to ${String(bounds.max)}.`
      })
    )
