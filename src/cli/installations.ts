/** `holdfast installations`: who has installed the App, and how each is reviewed. */
import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { Option, Record, Schema } from "effect"
import { providerNames } from "../model/ProviderName.ts"
import { onTheQueue } from "./OnTheQueue.ts"

const json = Options.boolean("json").pipe(
  Options.withDescription("Print one JSON document and nothing else.")
)
const id = Args.integer({ name: "id" }).pipe(Args.withDescription("The installation's number at GitHub."))

const list = Command.make(
  "list",
  { json },
  onTheQueue(() => import("./installations/List.ts"))
).pipe(Command.withDescription("List who has installed the App."))

const show = Command.make(
  "show",
  { id, json },
  onTheQueue(() => import("./installations/Show.ts"))
).pipe(Command.withDescription("Print an installation's settings; of its API key only that there is one."))

const described = <A>(option: Options.Options<A>, what: string) =>
  option.pipe(Options.withDescription(what), Options.optional)

const count = (name: string, what: string) =>
  described(Options.integer(name).pipe(Options.withSchema(Schema.Int.pipe(Schema.positive()))), what)

const settable = {
  enabled: described(Options.choice("enabled", ["true", "false"]), "Whether its pull requests are reviewed."),
  provider: described(Options.choice("provider", providerNames), "Who reviews."),
  model: described(Options.text("model"), "The model at that provider."),
  style: described(Options.choice("style", ["chill", "balanced", "strict"]), "How much a model reports."),
  min_severity: described(
    Options.choice("min-severity", ["low", "medium", "high", "critical"]),
    "What is shown at least."
  ),
  max_comments: count("max-comments", "How many findings are shown at most; the ceiling for repositories."),
  max_files: count("max-files", "How many files are reviewed at most; the ceiling for repositories."),
  max_tokens: count(
    "max-tokens",
    "How many tokens of diff are reviewed at most; the ceiling for repositories."
  ),
  ignore: Options.text("ignore").pipe(
    Options.withDescription(
      "A glob of files that are left out. Can be given several times; replaces the globs before."
    ),
    Options.repeated
  ),
  instructions: described(Options.text("instructions"), "What a model is asked to look at.")
}

const names = Record.keys({ ...settable, key: undefined })
const unset = Options.choice(
  "unset",
  names.map((name) => name.replaceAll("_", "-"))
).pipe(
  Options.withDescription("Goes back to the operator's default. Can be given several times."),
  Options.repeated
)

/** Where an option's name is not the setting's. */
const renamed: { readonly [name: string]: string } = { key: "apiKey", ignore: "ignore_paths" }

const set = Command.make(
  "set",
  {
    id,
    settable: Options.all(settable),
    unset,
    key: Options.boolean("key").pipe(
      Options.withDescription(
        "Read the installation's own API key from standard input, or ask for it. Needs ENCRYPTION_KEY."
      )
    ),
    json
  },
  ({ id, json, key, settable, unset }) => {
    const { enabled, ignore, min_severity, style, ...rest } = settable
    const { max_comments, max_files, max_tokens, ...texts } = rest
    const cleared = unset.map((name) => [renamed[name] ?? name.replaceAll("-", "_"), null] as const)
    return onTheQueue(() => import("./installations/Set.ts"))({
      id,
      json,
      key,
      wanted: {
        ...Record.getSomes({ enabled: Option.map(enabled, (value) => value === "true") }),
        ...Record.getSomes({ max_comments, max_files, max_tokens }),
        ...(ignore.length === 0 ? {} : { ignore_paths: ignore }),
        ...Record.getSomes({ min_severity }),
        ...Record.getSomes({ style }),
        ...Record.getSomes<string, string>(texts),
        ...Object.fromEntries(cleared)
      }
    })
  }
).pipe(Command.withDescription("Change an installation's settings, and print them."))

/** `holdfast installations` */
export const installations = Command.make("installations").pipe(
  Command.withDescription("See who has installed the App, and set how each is reviewed."),
  Command.withSubcommands([list, show, set])
)
