/** Everything the demo plays on: the embedded database, the sandbox, and the folder they live in. */
import * as FileSystem from "@effect/platform/FileSystem"
import { Duration, Effect, Redacted, Schedule, type Scope } from "effect"
import * as Database from "../../database/Database.ts"
import * as EmbeddedPostgres from "../../database/EmbeddedPostgres.ts"
import { Sandbox, type SandboxService } from "../../sandbox/Sandbox.ts"
import { CommandFailed } from "../Failure.ts"
import * as Process from "./Process.ts"

export interface Stage {
  readonly sandbox: SandboxService
  readonly folder: string
  /** The program's database: a layer, since the tables are made only when `serve` first starts. */
  readonly database: ReturnType<typeof Database.layerFromUrl>
  /** Starts `serve` and waits until it listens and GitHub's webhooks go there. */
  readonly serve: Effect.Effect<Served, CommandFailed, Scope.Scope>
}

export interface Served extends Process.Process {
  readonly address: string
}

/** Fails with a sentence when the effect takes longer than a patient viewer waits. */
export const within =
  (what: string, output: () => string = () => "") =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | CommandFailed, R> =>
    Effect.timeoutFail(effect, {
      duration: Duration.seconds(60),
      onTimeout: () => new CommandFailed({ message: `Within a minute, ${what} did not happen.\n${output()}` })
    })

/** Looks again and again until the answer is as wanted. */
export const until = <A, E, R>(
  what: string,
  look: Effect.Effect<A, E, R>,
  wanted: (answer: A) => boolean
): Effect.Effect<A, E | CommandFailed, R> =>
  look.pipe(
    Effect.filterOrFail(wanted, () => "not yet" as const),
    Effect.retry({ while: (error) => error === "not yet", schedule: Schedule.spaced("25 millis") }),
    Effect.catchAll((error) => (error === "not yet" ? Effect.dieMessage(what) : Effect.fail(error))),
    within(what)
  )

/**
 * Sets the stage up; when the scope closes nothing of it is left.
 *
 * @param main the program's `main.js`; the running program when absent
 */
export const set = Effect.fn("Demo.set")(function* (main?: string) {
  const files = yield* FileSystem.FileSystem
  const folder = yield* Effect.orDie(files.makeTempDirectoryScoped({ prefix: "holdfast-demo-" }))
  // As root, the database runs as another user, who has to pass through here.
  yield* Effect.orDie(files.chmod(folder, 0o711))
  const dataDir = `${folder}/data`
  const { url } = yield* EmbeddedPostgres.make({ dataDir })
  const sandbox = yield* Sandbox.make().pipe(
    Effect.mapError(
      (error) => new CommandFailed({ message: `The sandbox could not be started: ${error.message}` })
    )
  )
  const env = {
    HOLDFAST_DATA_DIR: dataDir,
    GITHUB_APP_ID: String(sandbox.app.id),
    GITHUB_PRIVATE_KEY: Redacted.value(sandbox.app.privateKey),
    GITHUB_WEBHOOK_SECRET: Redacted.value(sandbox.app.webhookSecret),
    GITHUB_API_URL: sandbox.url,
    PORT: "0",
    LOG_FORMAT: "json"
  }
  const serve = Effect.gen(function* () {
    const process = yield* Process.start({
      args: ["serve"],
      env,
      cwd: folder,
      ...(main === undefined ? {} : { main })
    })
    const [, address = ""] = yield* process
      .saw(/Listening on (http:\/\/[^\s"]+)/)
      .pipe(within("the start of serve", process.output))
    yield* sandbox.webhooks.configure(`${address}/api/github/webhooks`)
    return { ...process, address }
  })
  const stage: Stage = { sandbox, folder, database: Database.layerFromUrl({ url }), serve }
  return stage
})
