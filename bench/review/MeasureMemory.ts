/** (c) The most memory that a process holds while it takes a diff of 20 MB through the pipeline. */
import { writeFileSync } from "node:fs"
import * as FileSystem from "@effect/platform/FileSystem"
import { Effect, Schema } from "effect"
import * as Command from "../host/Command.ts"
import { asGitDiff, asJson, makeChange } from "./Change.ts"
import { type Form, Memory, type Reader } from "./Protocol.ts"

const files = 645
const changesPerFile = 400

const decode = Schema.decodeUnknown(Schema.parseJson(Memory))

/** @param program what is run in a process of its own each time */
export const memory = (program: string, ways: ReadonlyArray<readonly [Form, Reader]>) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const folder = yield* fs.makeTempDirectoryScoped({ prefix: "holdfast-bench-" })
    const change = makeChange({ files, changesPerFile })
    const texts = { list: asJson(change), git: asGitDiff(change) }
    const place = (form: Form) => `${folder}/${form}`
    for (const form of ["list", "git"] as const) writeFileSync(place(form), texts[form])
    const peak = (...args: ReadonlyArray<string>) =>
      Command.run(process.execPath, [program, ...args]).pipe(Effect.flatMap(decode), Effect.orDie)
    const idle = yield* peak()
    const found = yield* Effect.forEach(ways, ([form, reader]) =>
      Effect.map(peak(form, reader, place(form)), ({ chunks, peakMb }) => ({
        form,
        reader,
        megabytes: Buffer.byteLength(texts[form]) / 2 ** 20,
        peakMb,
        chunks
      }))
    )
    return { idleMb: idle.peakMb, ways: found }
  }).pipe(Effect.scoped)
