/**
 * `npm run chaos -- --minutes N --seed S [--json]`: worker processes at work on a database of their own, while they are
 * killed, stopped and asked to end, the database restarts, and connections are cut. At the end nothing may be lost and
 * nothing done twice, and the audit must be clean; the exit code tells, and then the folder with the database is kept.
 *
 * The seed determines which faults come at which millisecond and where in the row of workers they look for whom to hit,
 * and what is enqueued, cancelled and retried in which order. It can't determine the moment: which job a worker is at
 * when it is hit, how long a process or the database takes to start, which of two statements comes first. So a seed
 * replays a run's plan, and not its course; a failure may take several runs of its seed to show again.
 *
 * Ctrl-C ends everything. When this process is killed, a watcher kills the workers, stops the database and removes the
 * folder, within some seconds; nobody does if the watcher is killed as well.
 */
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Data, Duration, Effect, Exit, Layer, Logger, LogLevel, Option, Schema } from "effect"
import { build } from "../support/Build.ts"
import * as Place from "./Place.ts"
import { inText, toJson, wrongs } from "./Report.ts"
import * as Run from "./Run.ts"
import { schedule } from "./Schedule.ts"

/** What was wrong is told already; this only makes the exit code. */
class Unsound extends Data.TaggedError("Unsound")<object> {}

const minutes = Options.float("minutes").pipe(
  Options.withSchema(Schema.Positive),
  Options.withDescription("How long the faults go on."),
  Options.withDefault(2)
)
const seed = Options.integer("seed").pipe(
  Options.withDescription("Determines the plan of the run. Default: another one each time."),
  Options.optional
)
const json = Options.boolean("json").pipe(Options.withDescription("Print one JSON object, and nothing else."))

const chaos = Command.make("chaos", { minutes, seed, json }, (options) =>
  Effect.gen(function* () {
    const seed = Option.getOrElse(options.seed, () => Math.floor(Math.random() * 1_000_000))
    const about = { seed, minutes: options.minutes }
    const duration = Duration.minutes(options.minutes)
    yield* Console.error(`seed ${seed}; building`)
    const built = yield* build
    const place = yield* Place.make(built.folder)
    const began = performance.now()
    const outcome = yield* Run.run(place, {
      seed,
      duration,
      faults: schedule(seed, Duration.toMillis(duration)),
      programs: built.builtPrograms,
      tell: (line) =>
        Console.error(`${((performance.now() - began) / 1000).toFixed(0).padStart(4)} s  ${line}`)
    })
    yield* Console.log(options.json ? toJson(about, outcome) : inText(about, outcome))
    const found = wrongs(outcome)
    if (found.length === 0) return
    yield* place.keep
    yield* Console.error([...found, `Everything is in ${place.folder}`].join("\n"))
    return yield* new Unsound()
  }).pipe(Effect.scoped)
)

Command.run(chaos, { name: "chaos", version: "0" })(process.argv).pipe(
  Effect.tapDefect((cause) => Console.error(cause)),
  Effect.provide(
    Layer.merge(
      NodeContext.layer,
      Logger.replace(Logger.defaultLogger, Logger.withConsoleError(Logger.logfmtLogger))
    )
  ),
  // That the database goes away is no news here.
  Logger.withMinimumLogLevel(LogLevel.Error),
  NodeRuntime.runMain({
    disableErrorReporting: true,
    disablePrettyLogger: true,
    // Interrupted, a run has shown nothing.
    teardown: (exit, onExit) => onExit(Exit.isSuccess(exit) ? 0 : 1)
  })
)
