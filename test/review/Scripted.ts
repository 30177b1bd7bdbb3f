/** Reviews by a model that says what a test has it say: what several tests of whole reviews need. */
import { Effect } from "effect"
import type { ModelSettings } from "../../src/model/Providers.ts"
import type { NewJob } from "../../src/queue/Job.ts"
import type { ModelFinding } from "../../src/review/ModelFinding.ts"
import { ModelSandbox, type ModelSandboxService, type Question } from "../../src/sandbox/ModelSandbox.ts"
import type { Script } from "../../src/sandbox/models/Script.ts"
import { settingsFor } from "../model/Asked.ts"
import { begin, type Circumstances, type Reviewing } from "./Reviewing.ts"

export interface Scripted extends Reviewing {
  readonly models: ModelSandboxService
}

export const says = (path: string, quote: string, more: Partial<ModelFinding> = {}): ModelFinding => ({
  path,
  quote,
  severity: "high",
  category: "bug",
  confidence: "high",
  title: "This is wrong",
  message: "It does not do what it says.",
  suggestion: null,
  ...more
})

/** The paths of the files that it is about. */
export const pathsIn = ({ prompt }: Question): ReadonlyArray<string> =>
  [...prompt.matchAll(/^FILE (\S+?)(?: \(was .*\))?, \w+$/gm)].map(([, path = ""]) => path)

/** A model that finds fault with each line that is new and has this word, and quotes it. */
export const faultsWith =
  (word: string, more: (line: string) => Partial<ModelFinding> = () => ({})) =>
  ({ prompt }: Question) => {
    let path = ""
    const findings = prompt.split("\n").flatMap((line) => {
      path = /^FILE (\S+?)(?: \(was .*\))?, \w+$/.exec(line)?.[1] ?? path
      const text = line.slice(1)
      return line.startsWith("+") && line.includes(word)
        ? [says(path, text, { title: `Wrong: ${text.trim()}`, ...more(text) })]
        : []
    })
    return { json: { findings } }
  }

type Files = Readonly<Record<string, string>>

/** What a repository says of how it wants to be reviewed, in one line of YAML, on both sides of a change. */
export const configured = (config: string, before: Files, after: Files) => {
  const file = { ".github/holdfast.yml": config }
  return { before: { ...file, ...before }, after: { ...file, ...after } }
}

/** A pull request, the job for it, and that model. */
export const beginScripted = (
  files: Parameters<typeof begin>[0],
  script: Script,
  { model = {}, ...circumstances }: Circumstances & { readonly model?: Partial<ModelSettings> } = {}
) =>
  Effect.gen(function* () {
    const models = yield* ModelSandbox.make({ script })
    const settings = settingsFor("openai-compatible", models, model)
    const reviewing = yield* begin(files, settings, undefined, circumstances)
    const scripted: Scripted = { ...reviewing, models }
    return scripted
  })

/** Makes a job for the pull request's head, as a webhook or a person would. */
export const ask = ({ sandbox, pull, store, subject }: Reviewing, more: Partial<NewJob> = {}) =>
  Effect.gen(function* () {
    const now = yield* sandbox.view.pull(pull)
    const commitSha = now?.heads.at(-1)?.sha ?? subject.commitSha
    yield* store.enqueue({ trigger: "push", ...more, subject: { ...subject, commitSha } })
  })

/** Pushes these files, all there are, and reviews them. */
export const push = (
  reviewing: Reviewing,
  after: Files,
  { force = false, ...more }: Partial<NewJob> & { readonly force?: boolean } = {}
) =>
  Effect.gen(function* () {
    yield* reviewing.sandbox.pulls.push(reviewing.pull, { content: { after }, force })
    yield* ask(reviewing, more)
    yield* reviewing.finish
  })

/** What a person sees of the pull request: its reviews, and the one check run of its head. */
export const seen = ({ pull, sandbox }: Reviewing) =>
  Effect.gen(function* () {
    const reviews = yield* sandbox.view.reviews(pull)
    const heads = (yield* sandbox.view.pull(pull))?.heads ?? []
    const checks = yield* sandbox.view.checkRuns(pull)
    const check = checks.filter(({ headSha }) => headSha === heads.at(-1)?.sha).at(-1)
    if (check === undefined) return yield* Effect.dieMessage("the head has no check run")
    return {
      reviews,
      check,
      /** All that the check run says, without what keeps its text from being Markdown. */
      said: [check.title, check.summary, check.text].join("\n").replaceAll("\\", ""),
      last: reviews.at(-1)
    }
  })
