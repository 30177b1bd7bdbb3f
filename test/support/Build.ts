/** The program, and the tests' own programs, as they are built. */
import { fileURLToPath } from "node:url"
import * as Command from "@effect/platform/Command"
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { Effect } from "effect"

const root = fileURLToPath(new URL("../..", import.meta.url))

const tsc = (project: string, folder: string) =>
  Command.make(
    process.execPath,
    ...[`${root}node_modules/typescript/bin/tsc`, "--project", `${root}${project}`],
    ...["--noCheck", "--declaration", "false", "--sourceMap", "false", "--outDir", folder]
  ).pipe(
    Command.exitCode,
    Effect.filterOrDieMessage((code) => code === 0, `${project} could not be built`)
  )

/**
 * The program as users run it, for tests of whole processes: they start in a third of the time that they take from
 * source. A folder of its own for each run of the tests, as deep as `dist`, from where the program finds its other files.
 *
 * The tests' own programs are built into it by themselves, which takes half a second: what they import as `src` is the
 * folder's content.
 */
export const build = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const folder = yield* Effect.acquireRelease(Effect.succeed(`${root}.test-${process.pid}`), (folder) =>
    Effect.ignore(fs.remove(folder, { recursive: true }))
  )
  yield* tsc("src/tsconfig.json", folder)
  yield* tsc("test/support/programs.tsconfig.json", folder)
  yield* fs.symlink(".", `${folder}/src`)
  return { folder, builtMain: `${folder}/main.js`, builtPrograms: `${folder}/test/queue/programs` }
}).pipe(Effect.provide(NodeContext.layer))
