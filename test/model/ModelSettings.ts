import { Duration, Option } from "effect"
import type { ModelSettings } from "../../src/model/Providers.ts"

/** What an operator has who has set nothing. */
export const rulesAlone: ModelSettings = {
  provider: "rules",
  model: Option.none(),
  fallbackModel: Option.none(),
  url: Option.none(),
  apiKeys: { anthropic: Option.none(), openai: Option.none(), "openai-compatible": Option.none() },
  price: Option.none(),
  timeout: Duration.seconds(30),
  concurrency: 8
}
