/** Compiles what is measured, since nobody runs workers from TypeScript. */
import { fileURLToPath } from "node:url"
import * as FileSystem from "@effect/platform/FileSystem"
import { Effect } from "effect"
import * as Command from "./Command.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))
const bench = `${root}bench`

export interface Programs {
  readonly measure: string
  readonly holdfastWorker: string
  readonly review: string
  readonly reviewMemory: string
}

/** The programs, in a folder that goes with the scope; below `bench`, so that they find the packages there. */
export const build = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const folder = yield* Effect.acquireRelease(Effect.succeed(`${bench}/.build-${process.pid}`), (folder) =>
    Effect.ignore(fs.remove(folder, { recursive: true }))
  )
  yield* Command.run(process.execPath, [
    ...[`${root}node_modules/typescript/bin/tsc`, "--project", `${bench}/tsconfig.json`, "--noCheck"],
    ...["--noEmit", "false", "--rootDir", root, "--outDir", folder]
  ])
  yield* fs.copy(`${root}migrations`, `${folder}/migrations`)
  return {
    measure: `${folder}/bench/programs/Measure.js`,
    holdfastWorker: `${folder}/bench/programs/HoldfastWorker.js`,
    review: `${folder}/bench/programs/Review.js`,
    reviewMemory: `${folder}/bench/programs/ReviewMemory.js`
  } satisfies Programs
})
