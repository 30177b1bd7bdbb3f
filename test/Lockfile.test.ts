/** The lockfile must let `npm ci` through on every platform, also when it was written on one. */
import * as fs from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"

const Lock = Schema.parseJson(
  Schema.Struct({
    packages: Schema.Record({
      key: Schema.String,
      value: Schema.Struct({
        optionalDependencies: Schema.optional(Schema.Record({ key: Schema.String, value: Schema.String }))
      })
    })
  })
)

/** Where Node would look for a dependency of the package at this path, nearest first. */
const places = (path: string, name: string): ReadonlyArray<string> => {
  const parts = path === "" ? [] : path.split("/node_modules/")
  return parts
    .map((_, index) => `${parts.slice(0, parts.length - index).join("/node_modules/")}/node_modules/${name}`)
    .concat(`node_modules/${name}`)
}

describe("package-lock.json", () => {
  it("has an entry for every optional dependency: npm 11 refuses to install without", () => {
    const { packages } = Schema.decodeUnknownSync(Lock)(fs.readFileSync("package-lock.json", "utf8"))
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => !places(path, name).some((place) => place in packages)
      )
    )
    assert.deepStrictEqual(missing, [])
  })
})
