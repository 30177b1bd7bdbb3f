/** The parts of the review's bench, one after the other, in one run. */
import { fileURLToPath } from "node:url"
import { Effect, Option, type Schema } from "effect"
import { ask } from "../host/Ask.ts"
import { build } from "../host/Build.ts"
import * as Child from "../host/Child.ts"
import { progress } from "../host/Progress.ts"
import * as Programs from "../programs/Protocol.ts"
import type { Amounts } from "./Amounts.ts"
import { memory } from "./MeasureMemory.ts"
import * as Protocol from "./Protocol.ts"

export const partNames = ["pipeline", "whole", "parts", "memory", "tokens", "growth"] as const
export type PartName = (typeof partNames)[number]

/** 200 files with 10,000 changed lines. */
export const usual: Protocol.Size = { files: 200, changesPerFile: 50 }

const ways: ReadonlyArray<Omit<Protocol.Way, "size">> = [
  ...([0, 20, 200] as const).map((findings) => ({ form: "list", reader: "rules", findings }) as const),
  { form: "git", reader: "rules", findings: 20 },
  ...([0, 20, 200] as const).map(
    (findings) => ({ form: "list", reader: "model, as it stands", findings }) as const
  ),
  { form: "list", reader: "model", findings: 20 }
]

/** The same change four and sixteen times: with more files, and with longer ones. */
const sizes = {
  "more files": [1, 4, 16].map((by) => ({ ...usual, files: by * usual.files })),
  "longer files": [1, 4, 16].map((by) => ({ ...usual, changesPerFile: by * usual.changesPerFile }))
} as const

const grown: ReadonlyArray<readonly [how: keyof typeof sizes, Omit<Protocol.Way, "size">]> = [
  ["more files", { form: "list", reader: "rules", findings: 20 }],
  ["longer files", { form: "list", reader: "rules", findings: 20 }],
  ["more files", { form: "list", reader: "model", findings: 20 }]
]

/** Seconds after the start from which no larger change is measured. */
const noGrowthAfter = 95

const repository = fileURLToPath(new URL("../../", import.meta.url))

export const measure = (amounts: Amounts, wants: (part: PartName) => boolean) =>
  Effect.gen(function* () {
    const { samples, sampleMs: maxMs } = amounts
    const programs = yield* build
    const child = yield* Child.start<Protocol.Request, Programs.Reply>(programs.review, [], Programs.Reply)
    const asking = <A, I>(request: Protocol.Request, answer: Schema.Schema<A, I>) =>
      ask(child, request, answer)
    const when = <A, E, R>(part: PartName, effect: Effect.Effect<A, E, R>) =>
      wants(part) ? Effect.zipRight(progress(`review: ${part}`), effect) : Effect.succeed(undefined)

    const through = (way: Protocol.Way, times = samples) =>
      Effect.map(asking({ _tag: "Stages", way, samples: times, maxMs }, Protocol.Stages), (stages) => ({
        ...way,
        ...stages
      }))

    const pipeline = yield* when(
      "pipeline",
      Effect.forEach(ways, (way) => through({ ...way, size: usual }))
    )
    const whole = yield* when(
      "whole",
      Effect.forEach([false, true], (withModel) =>
        Effect.map(
          asking({ _tag: "Whole", size: usual, withModel, samples, maxMs }, Protocol.Whole),
          (found) => ({ ...found, withModel })
        )
      )
    )
    const parts = yield* when(
      "parts",
      Effect.forEach(
        (["none", "first", "last"] as const).map((slow) => ({ slow, concurrency: 8 })),
        (way) =>
          Effect.map(
            asking({ _tag: "Parts", ...way, reviews: amounts.reviews }, Protocol.Parts),
            (found) => ({ ...found, ...way })
          )
      )
    )
    const memories = yield* when(
      "memory",
      memory(programs.reviewMemory, [
        ["list", "rules"],
        ["git", "rules"],
        ["git", "model, as it stands"],
        ["git", "model"],
        ["git", "model, 200,000 tokens"]
      ])
    )
    const tokens = yield* when("tokens", asking({ _tag: "Tokens", repository }, Protocol.Tokens))
    // Large changes take long where the machine has something else to do, so they come last and may be left out.
    const growth = yield* when(
      "growth",
      Effect.forEach(grown, ([how, way]) =>
        Effect.map(
          Effect.forEach(sizes[how], (size) =>
            Effect.suspend(() =>
              performance.now() / 1000 < noGrowthAfter
                ? Effect.asSome(through({ ...way, size }))
                : Effect.succeedNone
            )
          ),
          (stages) => ({ ...way, how, stages: stages.map(Option.getOrNull) })
        )
      )
    )
    return { pipeline, growth, whole, parts, memory: memories, tokens }
  }).pipe(Effect.scoped)

export type Results = Effect.Effect.Success<ReturnType<typeof measure>>
