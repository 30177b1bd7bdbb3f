/** A named pull request: two trees, and what stands at its head. */
export type ScenarioFiles = { readonly [path: string]: string | Uint8Array }

export interface Scenario {
  readonly title: string
  readonly body: string
  readonly author: string
  readonly headBranch: string
  readonly before: ScenarioFiles
  readonly after: ScenarioFiles
}
