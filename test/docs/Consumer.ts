/**
 * An empty folder in which somebody has installed the packed package: `npm pack` makes the tarball of a fresh build, and
 * it is unpacked into `node_modules/holdfast`. Beside it stand links to the packages that the manifest depends on, and to
 * nothing else that Holdfast could import: what it uses and does not declare is missed. `npm install` would fetch the same
 * packages from the registry, which a test must not need.
 */
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import * as Command from "@effect/platform/Command"
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { Context, Effect, Layer, Schema } from "effect"

const root = fileURLToPath(new URL("../..", import.meta.url))

/** What such a program's author installs for developing it. */
const tools = ["@types/node", "@types/pg", "@effect/vitest", "vitest"]

const Manifest = Schema.parseJson(
  Schema.Struct({
    files: Schema.Array(Schema.String),
    dependencies: Schema.Record({ key: Schema.String, value: Schema.String }),
    optionalDependencies: Schema.Record({ key: Schema.String, value: Schema.String })
  })
)

const Packed = Schema.parseJson(
  Schema.Tuple(
    Schema.Struct({
      filename: Schema.String,
      files: Schema.Array(Schema.Struct({ path: Schema.String }))
    })
  )
)

export class Consumer extends Context.Tag("Consumer")<
  Consumer,
  {
    readonly folder: string
    /** What is in the tarball. */
    readonly packed: ReadonlyArray<string>
    readonly write: (name: string, content: string) => Effect.Effect<string>
  }
>() {}

const output = (command: Command.Command) =>
  Effect.flatMap(Command.exitCode(Command.stdout(command, "inherit")), (code) =>
    code === 0 ? Effect.void : Effect.dieMessage("a command failed; its output stands above")
  )

const make = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const source = yield* fs.makeTempDirectoryScoped({ prefix: "holdfast-source-" })
  const folder = yield* fs.makeTempDirectoryScoped({ prefix: "holdfast-consumer-" })

  const tsc = `${root}node_modules/typescript/bin/tsc`
  const config = `${root}src/tsconfig.json`
  yield* output(Command.make(process.execPath, tsc, "-p", config, "--noCheck", "--outDir", `${source}/dist`))
  const manifest = yield* fs.readFileString(`${root}package.json`)
  const { dependencies, files, optionalDependencies } = yield* Schema.decode(Manifest)(manifest)
  yield* Effect.forEach(
    ["package.json", "README.md", "LICENSE", ...files.filter((name) => name !== "dist")],
    (name) => fs.copy(`${root}${name}`, `${source}/${name}`)
  )
  const [{ filename, files: packed }] = yield* Command.make("npm", "pack", "--json", "--ignore-scripts").pipe(
    Command.workingDirectory(source),
    Command.string,
    Effect.flatMap(Schema.decode(Packed))
  )

  const modules = path.join(folder, "node_modules")
  yield* fs.makeDirectory(`${modules}/holdfast`, { recursive: true })
  yield* output(
    Command.make(
      "tar",
      ...["-xzf", `${source}/${filename}`],
      ...["-C", `${modules}/holdfast`, "--strip-components=1"]
    )
  )
  yield* Effect.forEach(
    [...Object.keys(dependencies), ...Object.keys(optionalDependencies), ...tools],
    (name) =>
      Effect.gen(function* () {
        // Of the optional ones only this platform's is there.
        if (!(yield* fs.exists(`${root}node_modules/${name}`))) return
        yield* fs.makeDirectory(path.dirname(`${modules}/${name}`), { recursive: true })
        yield* fs.symlink(`${root}node_modules/${name}`, `${modules}/${name}`)
      })
  )
  const write = (name: string, content: string) =>
    Effect.as(Effect.orDie(fs.writeFileString(`${folder}/${name}`, content)), `${folder}/${name}`)
  yield* write("package.json", JSON.stringify({ name: "consumer", type: "module" }))
  return { folder, packed: packed.map((file) => file.path), write }
})

export const layer: Layer.Layer<Consumer> = Layer.scoped(Consumer, make).pipe(
  Layer.provide(NodeContext.layer),
  Layer.orDie
)
