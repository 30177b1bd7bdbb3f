/** Files and folders that several processes may want to make at the same time, and that exist whole or not at all. */
import * as crypto from "node:crypto"
import * as path from "node:path"
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import { Effect } from "effect"
import * as Process from "./Process.ts"

/** Beside the final place, hidden, and bearing our process id, so that a later start knows whose leftover it is. */
const partialPath = (place: string): string =>
  path.join(
    path.dirname(place),
    `.${path.basename(place)}.partial-${process.pid}-${crypto.randomBytes(4).toString("hex")}`
  )

/**
 * Makes the folder by building it elsewhere and renaming it. When another process was faster, its folder is the one
 * that counts, and ours is removed. `build` gets the path of an existing empty folder.
 */
export const folder = <E, R>(
  place: string,
  build: (partial: string) => Effect.Effect<void, E, R>
): Effect.Effect<void, E | PlatformError, R | FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    if (yield* fs.exists(place)) return
    yield* removeLeftovers(place)
    const partial = partialPath(place)
    yield* fs.makeDirectory(partial, { mode: 0o755 })
    yield* build(partial).pipe(
      Effect.zipRight(
        Effect.catchAll(fs.rename(partial, place), (error) =>
          Effect.flatMap(fs.exists(place), (adopted) => (adopted ? Effect.void : Effect.fail(error)))
        )
      ),
      Effect.ensuring(Effect.ignore(fs.remove(partial, { recursive: true, force: true })))
    )
  })

/** Writes the file for its owner's eyes only, unless it exists; returns what it holds in the end. */
export const file = (
  place: string,
  content: string
): Effect.Effect<string, PlatformError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    if (!(yield* fs.exists(place))) {
      const partial = partialPath(place)
      yield* fs.writeFileString(partial, content, { mode: 0o600, flag: "wx" })
      // A link, unlike a rename, fails when somebody else has made the file meanwhile.
      yield* fs.link(partial, place).pipe(
        Effect.catchAll((error) =>
          Effect.flatMap(fs.exists(place), (adopted) => (adopted ? Effect.void : Effect.fail(error)))
        ),
        // Some file systems have no links.
        Effect.catchAll(() => fs.rename(partial, place)),
        Effect.ensuring(Effect.ignore(fs.remove(partial, { force: true })))
      )
    }
    return yield* fs.readFileString(place)
  })

/** What processes that were killed in the middle have left behind. */
const removeLeftovers = (place: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const parent = path.dirname(place)
    const prefix = `.${path.basename(place)}.partial-`
    for (const name of yield* fs.readDirectory(parent)) {
      if (!name.startsWith(prefix)) continue
      const maker = Number.parseInt(name.slice(prefix.length), 10)
      if (!(yield* Process.signal(maker, 0))) {
        yield* Effect.ignore(fs.remove(path.join(parent, name), { recursive: true, force: true }))
      }
    }
  })
