/** Reviews a change of a git repository, or a patch. */
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeStream from "@effect/platform-node/NodeStream"
import { Effect, Config as EffectConfig, Option } from "effect"
import { severityRank } from "../../review/Finding.ts"
import type { ChangeSource } from "../../review/Material.ts"
import type { Policy } from "../../review/Policy.ts"
import { findFile, policyOf, readFile } from "../../review/ReadPolicy.ts"
import { type ReviewedChange, reviewChange } from "../../review/ReviewChange.ts"
import { nothingSet } from "../../review/Settings.ts"
import { CommandFailed } from "../Failure.ts"
import { version } from "../Version.ts"
import { findChange } from "./FindChange.ts"
import { renderAnnotations } from "./formats/Annotations.ts"
import { renderPretty } from "./formats/Pretty.ts"
import { renderSarif } from "./formats/Sarif.ts"
import { sourceOf, sourceOfPatch } from "./GitChange.ts"
import { modelSettings } from "./Models.ts"
import { print, showProgress } from "./Print.ts"
import { reviewers } from "./Reviewers.ts"
import type { ReviewOptions } from "./ReviewOptions.ts"
import { encodeResult, exitCodeOf, type FailOn, type ReviewResult, toResult } from "./ReviewResult.ts"
import type { Selection } from "./Selection.ts"

type LocalSelection = Exclude<Selection, { readonly _tag: "PullRequest" }>

/** As large as a diff of git's may be. */
const maxPatch = 64 * 1024 * 1024

const readPatch = (file: string) =>
  file === "-"
    ? NodeStream.toString(() => process.stdin, {
        maxBytes: maxPatch,
        onFailure: () =>
          new CommandFailed({ message: "The patch could not be read from standard input, or is over 64 MB." })
      })
    : readGiven(file, "patch")

const readGiven = (file: string, what: string) =>
  Effect.flatMap(FileSystem.FileSystem, (fs) =>
    Effect.mapError(
      fs.readFileString(file),
      () => new CommandFailed({ message: `The ${what} "${file}" can't be read. Check its name.` })
    )
  )

const changeOf = (selection: LocalSelection) =>
  Effect.gen(function* () {
    if (selection._tag === "Patch") {
      const source = sourceOfPatch(yield* readPatch(selection.file))
      return { source, title: "A patch" }
    }
    const { change, title } = yield* findChange(selection)
    return { source: yield* sourceOf(change), title }
  })

/** Who names a file wants it to hold, so that its mistakes stop the review; those of the repository's are told in it. */
const readConfig = (file: string) =>
  Effect.gen(function* () {
    const { layer, notes } = readFile(file, yield* readGiven(file, "configuration"))
    if (Object.keys(layer).length === 0 && notes.length > 0) {
      return yield* new CommandFailed({ message: notes.join("\n") })
    }
    return { layer, notes }
  })

/** Findings that make the command fail are shown, also where the configuration leaves them out. */
const showing = (policy: Policy, failOn: FailOn): Policy =>
  failOn !== "never" && severityRank(failOn) < severityRank(policy.minSeverity)
    ? { ...policy, minSeverity: failOn }
    : policy

const policyFor = <E>(source: ChangeSource<E>, { config, failOn }: ReviewOptions) =>
  Effect.gen(function* () {
    const file = yield* Option.match(config, {
      onNone: () => findFile(source.textBefore),
      onSome: readConfig
    })
    return showing(policyOf(nothingSet, file), failOn)
  })

const wantsColours = Effect.map(
  EffectConfig.option(EffectConfig.nonEmptyString("NO_COLOR")),
  (no) => process.stdout.isTTY === true && Option.isNone(no)
)

const render = (result: ReviewResult, reviewed: ReviewedChange, format: ReviewOptions["format"]) =>
  Effect.gen(function* () {
    switch (format) {
      case "pretty":
        return renderPretty(result, reviewed, { colours: yield* wantsColours })
      case "json":
        return JSON.stringify(encodeResult(result))
      case "sarif":
        return renderSarif(result, yield* version)
      case "github":
        return renderAnnotations(result)
    }
  })

/** Gives the exit code. */
export const reviewLocally = (selection: LocalSelection, options: ReviewOptions) =>
  Effect.gen(function* () {
    const models = yield* modelSettings(options)
    const { source, title } = yield* changeOf(selection)
    const policy = yield* policyFor(source, options)
    const reviewed = yield* reviewChange({ source, policy, title, progress: showProgress }).pipe(
      Effect.provide(reviewers(models))
    )
    const result = yield* toResult(reviewed, policy)
    yield* print(yield* render(result, reviewed, options.format))
    return exitCodeOf(result, options.failOn)
  })
