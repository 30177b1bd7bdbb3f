/** Holdfast's own secrets, which no other program needs. */
export const secretVariables: ReadonlyArray<string> = [
  "ANTHROPIC_API_KEY",
  "OPENAI_API_KEY",
  "HOLDFAST_MODEL_KEY",
  "GITHUB_PRIVATE_KEY",
  "GITHUB_WEBHOOK_SECRET",
  "ENCRYPTION_KEY",
  "DATABASE_URL"
]
