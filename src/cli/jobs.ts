/** `holdfast jobs`: what operators see of the queue, and do about it. One file for each subcommand, loaded when it runs. */
import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { Option, Schema } from "effect"
import { JobId, JobStatus } from "../queue/Job.ts"
import { onTheQueue } from "./OnTheQueue.ts"

const json = Options.boolean("json").pipe(
  Options.withDescription("Print one JSON document, with times in ISO 8601, and nothing else.")
)
const id = Args.integer({ name: "id" }).pipe(
  Args.withSchema(JobId),
  Args.withDescription("The job's number.")
)

const Repository = Schema.TemplateLiteralParser(
  Schema.NonEmptyString.pipe(Schema.pattern(/^[^/\s]+$/)),
  "/",
  Schema.NonEmptyString.pipe(Schema.pattern(/^[^/\s]+$/))
)

const list = Command.make(
  "list",
  {
    status: Options.choice("status", JobStatus.literals).pipe(
      Options.withDescription("Only jobs in this state."),
      Options.optional
    ),
    repo: Options.text("repo").pipe(
      Options.withSchema(Repository),
      Options.withDescription("Only jobs of this repository, as owner/name."),
      Options.optional
    ),
    pr: Options.integer("pr").pipe(
      Options.withDescription("Only jobs of this pull request of --repo."),
      Options.optional
    ),
    installation: Options.integer("installation").pipe(
      Options.withDescription("Only jobs of this installation."),
      Options.optional
    ),
    before: Options.integer("before").pipe(
      Options.withSchema(JobId),
      Options.withDescription("Only jobs older than this one: goes on where an earlier list ended."),
      Options.optional
    ),
    limit: Options.integer("limit").pipe(
      Options.withSchema(Schema.Int.pipe(Schema.between(1, 10_000))),
      Options.withDescription("The most jobs to list."),
      Options.withDefault(50)
    ),
    json
  },
  ({ before, installation, json, limit, pr, repo, status }) =>
    onTheQueue(() => import("./jobs/List.ts"))({
      json,
      limit,
      pr: Option.getOrUndefined(pr),
      repository: Option.getOrUndefined(Option.map(repo, ([owner, , repo]) => ({ owner, repo }))),
      status: Option.getOrUndefined(status),
      installationId: Option.getOrUndefined(installation),
      before: Option.getOrUndefined(before)
    })
).pipe(Command.withDescription("List jobs, the newest first, and what each waits for."))

const show = Command.make(
  "show",
  { id, json },
  onTheQueue(() => import("./jobs/Show.ts"))
).pipe(Command.withDescription("Print a job with everything that happened to it."))

const retry = Command.make(
  "retry",
  { id, json },
  onTheQueue(() => import("./jobs/Retry.ts"))
).pipe(Command.withDescription("Run a failed or cancelled job again, next and with all its attempts."))

const cancel = Command.make(
  "cancel",
  {
    id,
    message: Options.text("message").pipe(
      Options.withDescription("Why, for the job's check run and its ledger."),
      Options.withDefault("cancelled by an operator")
    ),
    json
  },
  onTheQueue(() => import("./jobs/Cancel.ts"))
).pipe(Command.withDescription("Cancel a pending job, or ask a running one to stop."))

const stats = Command.make(
  "stats",
  { json },
  onTheQueue(() => import("./jobs/Stats.ts"))
).pipe(Command.withDescription("Print how many jobs there are in each state, and which workers live."))

const audit = Command.make(
  "audit",
  {
    perInstallation: Options.integer("per-installation").pipe(
      Options.withSchema(Schema.Int.pipe(Schema.positive())),
      Options.withDescription(
        "The cap of jobs at once per installation to hold the past to. Not checked otherwise, since it may have been changed."
      ),
      Options.optional
    ),
    json
  },
  onTheQueue(() => import("./jobs/Audit.ts"))
).pipe(
  Command.withDescription(
    "Check every job against its ledger and all leases against each other. Ends with 1 when something is wrong."
  )
)

/** `holdfast jobs` */
export const jobs = Command.make("jobs").pipe(
  Command.withDescription(
    "See the queue and act on it: in the database of DATABASE_URL, or the embedded one of HOLDFAST_DATA_DIR."
  ),
  Command.withSubcommands([list, show, retry, cancel, stats, audit])
)
