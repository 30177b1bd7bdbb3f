/** Who reviews with a model. Besides them there is `rules`, which needs none. */
export const modelProviders = ["anthropic", "openai", "openai-compatible"] as const
export type ModelProvider = (typeof modelProviders)[number]

/** Every provider's name. */
export const providerNames = ["rules", ...modelProviders] as const
export type ProviderName = (typeof providerNames)[number]

export const isModelProvider = (name: string): name is ModelProvider =>
  modelProviders.some((one) => one === name)
