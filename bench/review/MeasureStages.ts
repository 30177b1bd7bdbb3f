/** (a) What each stage of the pipeline takes, and beside it, in turns, what reading the same text takes at least. */
import { parsePatch } from "diff"
import { Effect } from "effect"
import type { ModelFinding } from "../../src/review/ModelFinding.ts"
import { median, round } from "../host/Statistics.ts"
import { asGitDiff, asJson, type Change, makeChange } from "./Change.ts"
import * as Pipeline from "./Pipeline.ts"
import type { Request, Size, Stages } from "./Protocol.ts"
import { makeFindings } from "./Quotes.ts"

const timed = <A>(work: () => A): readonly [value: A, millis: number] => {
  const from = performance.now()
  const value = work()
  return [value, performance.now() - from]
}

/** A model tells of each part what it finds there; what it finds in a file that is split, it tells of the first. */
const answersFor = (chunks: ReturnType<typeof Pipeline.chunk>, findings: ReadonlyArray<ModelFinding>) => {
  const told = new Set<ModelFinding>()
  return chunks.map(({ files }) => {
    const paths = new Set(files.map(({ path }) => path))
    const here = findings.filter((finding) => paths.has(finding.path) && !told.has(finding))
    for (const finding of here) told.add(finding)
    return here
  })
}

/** The last one is asked for again and again, and a large one takes a second to make. */
let made: { readonly size: Size; readonly change: Change } | undefined

const changeOf = (size: Size): Change => {
  if (made?.size.files !== size.files || made.size.changesPerFile !== size.changesPerFile) {
    made = { size, change: makeChange(size) }
  }
  return made.change
}

type Asked = Extract<Request, { readonly _tag: "Stages" }>

export const stages = ({ maxMs, samples, way }: Asked) =>
  Effect.gen(function* () {
    const { findings: count, form, reader, size } = way
    const change = changeOf(size)
    const findings = makeFindings(change, count)
    const parse = Pipeline.parsing(form, change)
    const [text, json] = [asGitDiff(change), asJson(change)]
    const counter = yield* Pipeline.counterFor(reader)
    const once = Effect.gen(function* () {
      const [files, parseMs] = timed(parse)
      const [wanted, filterMs] = timed(() => Pipeline.filter(files))
      const from = performance.now()
      const shown = yield* Pipeline.show(reader, wanted)
      const showMs = performance.now() - from
      const [chunks, chunkMs] = timed(() => Pipeline.chunk(shown, counter))
      const answers = answersFor(chunks, findings)
      const [placement, placeMs] = timed(() => Pipeline.place(files, chunks, answers))
      const [, parsePatchMs] = timed(() => parsePatch(text))
      const [, jsonMs] = timed(() => JSON.parse(json))
      return {
        times: {
          parse: parseMs,
          filter: filterMs,
          show: showMs,
          chunk: chunkMs,
          place: placeMs,
          all: parseMs + filterMs + showMs + chunkMs + placeMs,
          parsePatch: parsePatchMs,
          json: jsonMs
        },
        chunks: chunks.length,
        onLines: placement.comments.length
      }
    })
    const began = performance.now()
    // The first is slower, since nothing is compiled yet; where one takes long, that wears off within it.
    const first = yield* once
    const ran = [performance.now() - began < maxMs ? yield* once : first]
    while (ran.length < samples && performance.now() - began < maxMs) ran.push(yield* once)
    const of = (stage: keyof typeof first.times) => round(median(ran.map(({ times }) => times[stage])))
    return {
      lines: change.reduce((sum, { additions, deletions }) => sum + additions + deletions, 0),
      megabytes: round(Buffer.byteLength(text) / 1e6),
      parse: of("parse"),
      filter: of("filter"),
      show: of("show"),
      chunk: of("chunk"),
      place: of("place"),
      all: of("all"),
      parsePatch: of("parsePatch"),
      json: of("json"),
      chunks: first.chunks,
      onLines: first.onLines,
      samples: ran.length
    } satisfies Stages
  })
