/** What a model is asked and what it says, in the terms that all vendors share. */
import { type Redacted, Schema } from "effect"

/**
 * Who is spoken to, as told by the path. `openai` is the Responses API; `openai-compatible` is Chat Completions, at
 * OpenAI itself or at any of the servers that imitate it; `azure` is Chat Completions in Azure's manner.
 */
export const Vendor = Schema.Literal("anthropic", "openai", "openai-compatible", "azure")
export type Vendor = typeof Vendor.Type

/** What a request says once its wire format is taken away. */
export interface Asked {
  /** At Azure the name of the deployment, where the path has one. */
  readonly model: string
  /** The system's or developer's words; empty where there are none. Several are joined by a line break. */
  readonly system: string
  /** All that the user says; several texts are joined by a line break. */
  readonly prompt: string
  /** The name of the object that must be answered; undefined when text is wanted. */
  readonly schemaName: string | undefined
  /** Its JSON schema, as it came. */
  readonly schema: unknown
}

export interface Question extends Asked {
  readonly vendor: Vendor
  readonly apiKey: Redacted.Redacted
  /** Whose key it is: 0 is the sandbox's own, from 1 on those of `otherApiKeys` in their order. */
  readonly account: number
  /** How often these same words were put to this model, this time included; those that met a fault count as well. */
  readonly attempt: number
}

/** What the model says: an object, or a text as it stands, which need not be JSON. */
export type Said = { readonly json: unknown } | { readonly text: string }

/** The text that stands for it on the wire, where the wire has only text. */
export const saidText = (said: Said): string =>
  "text" in said ? said.text : (JSON.stringify(said.json) ?? "null")

/** The first half of it, as a model leaves it that has used up its tokens. No object in JSON survives that. */
export const cutOff = (said: Said): string => {
  const text = saidText(said)
  return text.slice(0, Math.ceil(text.length / 2))
}
