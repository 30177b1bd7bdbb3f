import type { Option } from "effect"
import type { ProviderName } from "../../model/ProviderName.ts"
import type { FailOn } from "./ReviewResult.ts"
import type { SelectionOptions } from "./Selection.ts"

/** The command's arguments. */
export interface ReviewOptions extends SelectionOptions {
  readonly format: "pretty" | "json" | "sarif" | "github"
  readonly failOn: FailOn
  readonly provider: Option.Option<ProviderName>
  readonly model: Option.Option<string>
  readonly config: Option.Option<string>
}
