/**
 * Git, called as a process: it never reads options out of what users or repositories name, and what a repository or a
 * user has configured does not change what it prints.
 */
import * as Command from "@effect/platform/Command"
import type { CommandExecutor } from "@effect/platform/CommandExecutor"
import type { PlatformError } from "@effect/platform/Error"
import { Chunk, Effect, Option, Stream } from "effect"
import { withoutSecrets } from "../../Config.ts"
import { CommandFailed } from "../Failure.ts"

/** More is no change that anybody reviews at once, and would not fit into memory well. */
const maxOutput = 64 * 1024 * 1024

export interface GitOptions {
  readonly cwd?: string
  readonly input?: Uint8Array
  /** The index to work on, instead of the repository's own. */
  readonly index?: string
}

interface Output {
  readonly code: number
  readonly stdout: Uint8Array
  readonly stderr: string
}

/** Paths as octal numbers where they aren't plain, hunks as they have always been, no hooks. */
const settings = [
  ["core.quotePath", "true"],
  ["core.hooksPath", "/dev/null"],
  ["color.ui", "false"],
  ["diff.noprefix", "false"],
  ["diff.mnemonicPrefix", "false"],
  ["diff.suppressBlankEmpty", "false"],
  ["advice.addEmbeddedRepo", "false"]
].flatMap(([name, value]) => ["-c", `${name}=${value}`])

/** What would change the form of a diff. */
const withheld = ["GIT_EXTERNAL_DIFF", "GIT_DIFF_OPTS"]

const environment = (index: string | undefined): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(Object.entries(withoutSecrets()).filter(([name]) => !withheld.includes(name))),
  LC_ALL: "C",
  GIT_OPTIONAL_LOCKS: "0",
  GIT_TERMINAL_PROMPT: "0",
  GIT_LITERAL_PATHSPECS: "1",
  ...(index === undefined ? {} : { GIT_INDEX_FILE: index })
})

const command = (args: ReadonlyArray<string>, { cwd, index, input }: GitOptions) =>
  Command.make("git", "--no-pager", ...settings, ...args).pipe(
    Command.env(environment(index), { extendEnv: false }),
    Command.stdin(input === undefined ? Stream.empty : Stream.make(input)),
    cwd === undefined ? (made) => made : Command.workingDirectory(cwd)
  )

const collect = (stream: Stream.Stream<Uint8Array, PlatformError>) =>
  Stream.runFoldWhileEffect(
    stream,
    { parts: Chunk.empty<Uint8Array>(), size: 0 },
    () => true,
    ({ parts, size }, part) =>
      size + part.length > maxOutput
        ? Effect.fail(
            new CommandFailed({
              message: `The change is larger than ${maxOutput / 1024 / 1024} MB. Review less of it at once, or have git ignore what is not to be reviewed.`
            })
          )
        : Effect.succeed({ parts: Chunk.append(parts, part), size: size + part.length })
  ).pipe(Effect.map(({ parts }): Uint8Array => Buffer.concat(Chunk.toReadonlyArray(parts))))

const noGit = new CommandFailed({ message: "There is no git on the PATH. Install it: https://git-scm.com" })

const explained = (error: PlatformError | CommandFailed): CommandFailed => {
  if (error._tag === "CommandFailed") return error
  return error._tag === "SystemError" && error.reason === "NotFound"
    ? noGit
    : new CommandFailed({ message: `git could not be run: ${error.message}` })
}

/** Runs git to its end, whatever the end is. */
export const run = (
  args: ReadonlyArray<string>,
  options: GitOptions = {}
): Effect.Effect<Output, CommandFailed, CommandExecutor> =>
  Effect.gen(function* () {
    const process = yield* Command.start(command(args, options))
    const [stdout, stderr, code] = yield* Effect.all(
      [collect(process.stdout), collect(process.stderr), process.exitCode],
      { concurrency: "unbounded" }
    )
    return { code, stdout, stderr: new TextDecoder().decode(stderr) }
  }).pipe(Effect.scoped, Effect.mapError(explained), Effect.withSpan("Git.run"))

/** What git said went wrong, without its own "fatal: ". */
const sayError = ({ code, stderr }: Output): string =>
  stderr
    .trim()
    .replace(/^(?:fatal|error): /, "")
    .split("\n")
    .slice(0, 3)
    .join(" ") || `it ended with ${code}`

/** The output, or the failure that git tells of. */
export const bytes = (args: ReadonlyArray<string>, options: GitOptions = {}) =>
  Effect.flatMap(run(args, options), (output) =>
    output.code === 0
      ? Effect.succeed(output.stdout)
      : Effect.fail(new CommandFailed({ message: `git ${args[0]} failed: ${sayError(output)}` }))
  )

export const text = (args: ReadonlyArray<string>, options: GitOptions = {}) =>
  Effect.map(bytes(args, options), (output) => new TextDecoder().decode(output))

/** The first line of the output; none where git ends with a failure, as for a name that it doesn't know. */
export const line = (args: ReadonlyArray<string>, options: GitOptions = {}) =>
  Effect.map(run(args, options), ({ code, stdout }) =>
    code === 0 ? Option.some(new TextDecoder().decode(stdout).replace(/\n$/, "")) : Option.none()
  )
