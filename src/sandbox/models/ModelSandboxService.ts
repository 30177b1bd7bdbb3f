/** What a running sandbox offers to a program in the same process, and what one is started with. */
import type { Effect, Redacted } from "effect"
import type { ModelFaults } from "./ModelFaults.ts"
import type { ModelJournal } from "./ModelJournal.ts"
import type { Script } from "./Script.ts"

export interface ModelSandboxOptions {
  /** 0, the default, takes a free port. */
  readonly port?: number
  /** 127.0.0.1 when absent. */
  readonly host?: string
  /** The key that is expected, from all vendors' clients; a new one is made when absent. */
  readonly apiKey?: Redacted.Redacted
  /** Keys that are accepted beside it, as those of customers who bring their own. None when absent. */
  readonly otherApiKeys?: ReadonlyArray<Redacted.Redacted>
  /** Whether Chat Completions know `response_format: json_schema`, at Azure too. They do when absent. */
  readonly chatJsonSchema?: boolean
  /** As `script` below, from the start. */
  readonly script?: Script
  /** What the model says when it is asked for an object named `second_look`; no verdicts when absent. */
  readonly secondLook?: Script
}

export interface ModelSandboxService {
  /**
   * The origin, as in `http://127.0.0.1:4711`. Clients of Anthropic and Azure take it as it is; those of OpenAI, and of
   * what is compatible with it, add `/v1`.
   */
  readonly url: string
  readonly apiKey: Redacted.Redacted
  /** From now on this is what the model says. Without one it finds nothing: `{ findings: [] }`. */
  readonly script: (script: Script) => Effect.Effect<void>
  readonly faults: ModelFaults
  readonly journal: ModelJournal
}
