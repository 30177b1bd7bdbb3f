/** Installs the measured queues beside the bench, unless they are there already in the right versions. */
import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { Effect, Schema } from "effect"
import * as Command from "./Command.ts"
import { progress } from "./Progress.ts"

const folder = fileURLToPath(new URL("..", import.meta.url))

const Package = Schema.parseJson(
  Schema.Struct({
    version: Schema.String,
    dependencies: Schema.optionalWith(Schema.Record({ key: Schema.String, value: Schema.String }), {
      default: () => ({})
    })
  })
)
const read = (file: string) => Schema.decodeUnknownSync(Package)(readFileSync(`${folder}${file}`, "utf8"))

/** The measured queues and their versions. */
export const versions: Readonly<Record<string, string>> = read("package.json").dependencies

const installed = () =>
  Object.entries(versions).every(([name, version]) => {
    const file = `node_modules/${name}/package.json`
    return existsSync(`${folder}${file}`) && read(file).version === version
  })

export const install = Effect.suspend(() =>
  installed()
    ? Effect.void
    : progress("installing the other queues in bench/ (npm ci)").pipe(
        Effect.zipRight(
          // The folder is said, since `npm run` tells the npm that it starts to work in the root.
          Command.run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", folder], {
            cwd: folder
          })
        )
      )
)
