/** TypeScript's compiler, asked what it says of a program: a process of its own, since it would block a test's for long. */
import { fileURLToPath } from "node:url"
import * as Command from "@effect/platform/Command"
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { Effect, Record } from "effect"
import ts from "typescript"

const root = fileURLToPath(new URL("../..", import.meta.url))

/** As a strict program of somebody else's is compiled. */
const strict = { strict: true, target: "ES2022", lib: ["ES2023"], types: ["node"], skipLibCheck: true }

/** Both of which a program of today may be compiled with. */
export const resolutions = {
  node16: { ...strict, module: "Node16", moduleResolution: "Node16" },
  bundler: { ...strict, module: "ESNext", moduleResolution: "Bundler" }
}

/** Where the compiler finds a mistake, and its number for it: `main.ts:12 TS2345`. */
const mistakeIn = /^(?:.*\/)?([\w.]+)\((\d+),\d+\): error (TS\d+)/gm

/** What is wrong with the program of this configuration. */
const mistakesOf = (configuration: string) =>
  Command.make(
    process.execPath,
    `${root}node_modules/typescript/bin/tsc`,
    ...["--noEmit", "--pretty", "false", "--project", configuration]
  ).pipe(
    Command.string,
    Effect.map((output) =>
      Array.from(output.matchAll(mistakeIn), ([, file, line, code]) => `${file}:${line} ${code}`)
    )
  )

/** What is wrong with these files of the folder. */
export const compile = (
  folder: string,
  files: ReadonlyArray<string>,
  compilerOptions: (typeof resolutions)[keyof typeof resolutions]
): Effect.Effect<ReadonlyArray<string>> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const configuration = `${folder}/tsconfig.${compilerOptions.module}.json`
    yield* fs.writeFileString(configuration, JSON.stringify({ compilerOptions, files }))
    return yield* mistakesOf(configuration)
  }).pipe(Effect.provide(NodeContext.layer), Effect.orDie)

/**
 * What is wrong with the queue's source, compiled as it is, if these files below `src` were changed or added: each is given
 * what it holds, and says what it is to hold.
 */
export const compileWith = (
  changes: Readonly<Record<string, (content: string) => string>>
): Effect.Effect<ReadonlyArray<string>> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const folder = yield* fs.makeTempDirectoryScoped({ prefix: "holdfast-changed-" })
    yield* fs.makeDirectory(`${folder}/src`)
    yield* Effect.forEach(
      ["package.json", "tsconfig.json", "src/index.ts", "src/queue", "src/database"],
      (name) => fs.copy(`${root}${name}`, `${folder}/${name}`)
    )
    yield* fs.symlink(`${root}node_modules`, `${folder}/node_modules`)
    yield* Effect.forEach(Record.toEntries(changes), ([name, change]) =>
      fs.readFileString(`${folder}/src/${name}`).pipe(
        Effect.orElseSucceed(() => ""),
        Effect.flatMap((content) => fs.writeFileString(`${folder}/src/${name}`, change(content)))
      )
    )
    const configuration = `${folder}/tsconfig.changed.json`
    yield* fs.writeFileString(configuration, JSON.stringify({ extends: "./tsconfig.json", include: ["src"] }))
    return yield* mistakesOf(configuration)
  }).pipe(Effect.scoped, Effect.provide(NodeContext.layer), Effect.orDie)

/** A file of a program as JavaScript; what is wrong with it is not looked for. */
export const toJavaScript = (code: string): string =>
  ts.transpileModule(code, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext }
  }).outputText
