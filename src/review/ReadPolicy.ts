/** Puts together how a pull request is reviewed: defaults, the installation's settings, the repository's file. */
import { Array as Arr, Duration, Effect, Either, Option } from "effect"
import type { InstallationClient, PullRequest, PullRequestRef } from "../github/Github.ts"
import { type ConfigLayer, type EffectiveConfig, mergeConfig, repositoryLayer } from "./EffectiveConfig.ts"
import { compileGlob, type Glob } from "./Glob.ts"
import { type ChangeSource, readText } from "./Material.ts"
import type { Policy } from "./Policy.ts"
import { configPaths, parseConfig, sayProblem } from "./RepositoryConfig.ts"
import type { ModelChoice } from "./ReviewModel.ts"
import { type InstallationSettings, Settings } from "./Settings.ts"
import { skipPullRequest } from "./SkipRules.ts"

/** What the repository's file asks for, and what its owner should know of it. */
export interface FileSays {
  readonly layer: ConfigLayer
  readonly notes: ReadonlyArray<string>
}

export const nothingSaid: FileSays = { layer: {}, notes: [] }

const installationLayer = (settings: InstallationSettings): ConfigLayer => ({
  enabled: Option.getOrUndefined(settings.enabled),
  "review.style": Option.getOrUndefined(settings.style),
  "review.min_severity": Option.getOrUndefined(settings.minSeverity),
  "review.max_comments": Option.getOrUndefined(settings.maxComments),
  "review.instructions": Option.getOrUndefined(settings.instructions),
  "files.ignore": Option.getOrUndefined(settings.ignorePaths),
  "files.max_files": Option.getOrUndefined(settings.maxFiles),
  "limits.max_tokens": Option.getOrUndefined(settings.maxTokens)
})

/** A file with mistakes does not stop the review: the installation's settings serve, and the mistakes are told. */
export const readFile = (path: string, text: string): FileSays =>
  Either.match(parseConfig(text), {
    onLeft: (problems) => ({ layer: {}, notes: problems.map((problem) => sayProblem(path, problem)) }),
    onRight: ({ file, warnings }) => ({
      layer: repositoryLayer(file),
      notes: warnings.map((warning) => sayProblem(path, warning))
    })
  })

/** The file as it was before the change, so that a pull request can't change how it is reviewed itself. */
export const findFile = <E>(textBefore: ChangeSource<E>["textBefore"]) =>
  Effect.gen(function* () {
    for (const path of configPaths) {
      const text = yield* textBefore(path)
      if (Option.isSome(text)) return readFile(path, text.value)
    }
    return nothingSaid
  })

const compile = (
  key: string,
  globs: ReadonlyArray<string>
): readonly [wrong: ReadonlyArray<string>, ReadonlyArray<Glob>] =>
  Arr.partitionMap(globs, (glob) =>
    Either.mapLeft(compileGlob(glob), (fault) => `${key}: the pattern ${glob} is left out: ${fault}`)
  )

const toPolicy = (model: ModelChoice, config: EffectiveConfig, notes: ReadonlyArray<string>): Policy => {
  const { values } = config
  const [wrong, ignore] = compile("files.ignore", values["files.ignore"])
  const perPath = values["review.path_instructions"].map(({ instructions, path }) =>
    Either.mapBoth(compileGlob(path), {
      onLeft: (fault) => `review.path_instructions: the pattern ${path} is left out: ${fault}`,
      onRight: ({ matches }) => ({ path, matches, instructions })
    })
  )
  return {
    model,
    brief: {
      style: values["review.style"],
      language: values["review.language"],
      instructions: values["review.instructions"],
      pathInstructions: Arr.getRights(perPath)
    },
    contextFiles: values["review.context_files"],
    minSeverity: values["review.min_severity"],
    maxComments: values["review.max_comments"],
    suggestions: values["output.suggestions"],
    ignore,
    generated: values["files.generated"],
    maxFiles: values["files.max_files"],
    maxTokens: values["limits.max_tokens"],
    onFindings: values["output.check_on_findings"],
    onPush: values["review.on_push"],
    debounce: Duration.seconds(values["review.debounce_seconds"]),
    summary: values["output.summary"],
    skip: (pullRequest, isAsked) => skipPullRequest(values, pullRequest, isAsked),
    notes: [...notes, ...config.notes, ...wrong, ...Arr.getLefts(perPath)]
  }
}

/** The values that hold, and the source of each. */
export interface ReadConfig extends Pick<EffectiveConfig, "sources" | "values"> {
  /** What the reader should know of the configuration. */
  readonly notes: ReadonlyArray<string>
}

/** What the settings and the file come to. */
export const policyOf = (settings: InstallationSettings, file: FileSays): Policy =>
  toPolicy(
    { provider: settings.provider, model: settings.model, apiKey: settings.apiKey },
    mergeConfig(installationLayer(settings), file.layer),
    file.notes
  )

const readLayers = (
  client: InstallationClient,
  installationId: number,
  ref: PullRequestRef,
  pullRequest: PullRequest
) =>
  Effect.gen(function* () {
    const settings = yield* Effect.flatMap(Settings, (service) => service.load(installationId))
    return { settings, file: yield* findFile((path) => readText(client, ref, path, pullRequest.baseSha)) }
  })

/** Reads the configuration of this pull request, to be shown. */
export const readConfig = Effect.fn("Review.readConfig")(function* (...place: Parameters<typeof readLayers>) {
  const { file, settings } = yield* readLayers(...place)
  const config = mergeConfig(installationLayer(settings), file.layer)
  const { notes } = toPolicy(settings, config, file.notes)
  const read: ReadConfig = { values: config.values, sources: config.sources, notes }
  return read
})

/** Reads all that decides how this pull request is reviewed. The provider is never the repository's to choose. */
export const readPolicy = Effect.fn("Review.readPolicy")(function* (...place: Parameters<typeof readLayers>) {
  const { file, settings } = yield* readLayers(...place)
  return policyOf(settings, file)
})
