/**
 * What holds for one pull request: defaults, the installation's settings and the repository's file, merged, with the
 * source of each value.
 *
 * A later layer wins, with three exceptions. The limits that cost money or attention have ceilings, which a repository may
 * only lower. What the installation switched off stays off. And paths to be ignored add up.
 */
import { Option, Record } from "effect"
import type { OnFindings } from "./CheckOutput.ts"
import type { Severity } from "./Finding.ts"
import type { ConfigFile } from "./RepositoryConfig/ConfigFile.ts"

export interface PathInstructions {
  readonly path: string
  readonly instructions: string
}

/** All values, under the names that they have in `holdfast.yml`. */
export interface ConfigValues {
  readonly enabled: boolean
  readonly "review.style": "chill" | "balanced" | "strict"
  readonly "review.min_severity": Severity
  readonly "review.max_comments": number
  readonly "review.on_push": "incremental" | "full" | "off"
  readonly "review.debounce_seconds": number
  readonly "review.language": string
  readonly "review.instructions": string
  readonly "review.path_instructions": ReadonlyArray<PathInstructions>
  readonly "review.context_files": ReadonlyArray<string>
  readonly "skip.drafts": boolean
  readonly "skip.bots": boolean
  readonly "skip.labels": ReadonlyArray<string>
  readonly "skip.titles": ReadonlyArray<string>
  readonly "skip.base_branches": ReadonlyArray<string>
  readonly "files.ignore": ReadonlyArray<string>
  readonly "files.generated": "skip" | "review"
  readonly "files.max_files": number
  readonly "limits.max_tokens": number
  readonly "output.summary": boolean
  readonly "output.suggestions": boolean
  readonly "output.check_on_findings": OnFindings
}
export type ConfigKey = keyof ConfigValues

/** What a layer says; what is missing or undefined is left to the layer below. */
export type ConfigLayer = { readonly [K in ConfigKey]?: ConfigValues[K] | undefined }

export type ConfigSource = "default" | "installation" | "repository"

export const defaultConfig: ConfigValues = {
  enabled: true,
  "review.style": "balanced",
  "review.min_severity": "medium",
  "review.max_comments": 10,
  "review.on_push": "incremental",
  "review.debounce_seconds": 60,
  "review.language": "en",
  "review.instructions": "",
  "review.path_instructions": [],
  "review.context_files": [],
  "skip.drafts": true,
  "skip.bots": true,
  "skip.labels": ["no-review"],
  "skip.titles": ["^WIP"],
  "skip.base_branches": [],
  "files.ignore": [],
  "files.generated": "skip",
  "files.max_files": 100,
  "limits.max_tokens": 200_000,
  "output.summary": true,
  "output.suggestions": true,
  "output.check_on_findings": "neutral"
}

const limited = ["review.max_comments", "files.max_files", "limits.max_tokens"] as const
type LimitedKey = (typeof limited)[number]

/** What a repository may ask for at most where its installation has set no limit. */
export const defaultCeilings: { readonly [K in LimitedKey]: number } = {
  "review.max_comments": 50,
  "files.max_files": 300,
  "limits.max_tokens": 200_000
}

export interface EffectiveConfig {
  readonly values: ConfigValues
  readonly sources: { readonly [K in ConfigKey]: ConfigSource }
  /** What a layer asked for and did not get, in sentences for the repository's owner. */
  readonly notes: ReadonlyArray<string>
}

/** The file under the names of {@link ConfigValues}. */
export const repositoryLayer = (file: ConfigFile): ConfigLayer => ({
  enabled: file.enabled,
  "review.style": file.review?.style,
  "review.min_severity": file.review?.min_severity,
  "review.max_comments": file.review?.max_comments,
  "review.on_push": file.review?.on_push,
  "review.debounce_seconds": file.review?.debounce_seconds,
  "review.language": file.review?.language,
  "review.instructions": file.review?.instructions,
  "review.path_instructions": file.review?.path_instructions,
  "review.context_files": file.review?.context_files,
  "skip.drafts": file.skip?.drafts,
  "skip.bots": file.skip?.bots,
  "skip.labels": file.skip?.labels,
  "skip.titles": file.skip?.titles,
  "skip.base_branches": file.skip?.base_branches,
  "files.ignore": file.files?.ignore,
  "files.generated": file.files?.generated,
  "files.max_files": file.files?.max_files,
  "limits.max_tokens": file.limits?.max_tokens,
  "output.summary": file.output?.summary,
  "output.suggestions": file.output?.suggestions,
  "output.check_on_findings": file.output?.check_on_findings
})

interface Layers {
  readonly defaults: ConfigValues
  readonly installation: ConfigLayer
  readonly repository: ConfigLayer
}

const sourceOf = (layers: Layers, key: ConfigKey): ConfigSource => {
  if (layers.repository[key] !== undefined) return "repository"
  return layers.installation[key] !== undefined ? "installation" : "default"
}

const latest = <K extends ConfigKey>(layers: Layers, key: K): ConfigValues[K] =>
  layers.repository[key] ?? layers.installation[key] ?? layers.defaults[key]

interface Limit {
  readonly value: number
  readonly note: Option.Option<string>
}

const limitOf = (layers: Layers, key: LimitedKey): Limit => {
  const ceiling = layers.installation[key] ?? Math.max(defaultCeilings[key], layers.defaults[key])
  const wanted = latest(layers, key)
  return wanted <= ceiling
    ? { value: wanted, note: Option.none() }
    : {
        value: ceiling,
        note: Option.some(`${key} is ${ceiling}, not ${wanted}: the installation allows no more`)
      }
}

/**
 * Merges the layers.
 *
 * @param installation what the installation set; its limits are the ceilings
 * @param repository what the repository's file says, see {@link repositoryLayer}; empty without a file
 * @param defaults what holds where neither says anything
 */
export const mergeConfig = (
  installation: ConfigLayer,
  repository: ConfigLayer,
  defaults: ConfigValues = defaultConfig
): EffectiveConfig => {
  const layers: Layers = { defaults, installation, repository }
  const limit = (key: LimitedKey): Limit => limitOf(layers, key)
  const values: ConfigValues = {
    enabled: latest(layers, "enabled") && installation.enabled !== false,
    "review.style": latest(layers, "review.style"),
    "review.min_severity": latest(layers, "review.min_severity"),
    "review.max_comments": limit("review.max_comments").value,
    "review.on_push": latest(layers, "review.on_push"),
    "review.debounce_seconds": latest(layers, "review.debounce_seconds"),
    "review.language": latest(layers, "review.language"),
    "review.instructions": latest(layers, "review.instructions"),
    "review.path_instructions": latest(layers, "review.path_instructions"),
    "review.context_files": latest(layers, "review.context_files"),
    "skip.drafts": latest(layers, "skip.drafts"),
    "skip.bots": latest(layers, "skip.bots"),
    "skip.labels": latest(layers, "skip.labels"),
    "skip.titles": latest(layers, "skip.titles"),
    "skip.base_branches": latest(layers, "skip.base_branches"),
    "files.ignore": [
      ...(installation["files.ignore"] ?? defaults["files.ignore"]),
      ...(repository["files.ignore"] ?? [])
    ],
    "files.generated": latest(layers, "files.generated"),
    "files.max_files": limit("files.max_files").value,
    "limits.max_tokens": limit("limits.max_tokens").value,
    "output.summary": latest(layers, "output.summary"),
    "output.suggestions": latest(layers, "output.suggestions"),
    "output.check_on_findings": latest(layers, "output.check_on_findings")
  }
  const notes = limited.flatMap((key) => Option.toArray(limit(key).note))
  if (installation.enabled === false && repository.enabled === true) {
    notes.push("enabled is false: the installation has switched reviews off")
  }
  return { values, sources: Record.map(defaults, (_, key) => sourceOf(layers, key)), notes }
}
