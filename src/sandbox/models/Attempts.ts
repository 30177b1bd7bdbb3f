/** Counts how often the same words were put to the same model. */
import type { Asked, Vendor } from "./Question.ts"

export const makeAttempts = () => {
  const counts = new Map<string, number>()
  /** This time included. */
  return (vendor: Vendor, { model, system, prompt, schemaName }: Asked): number => {
    const key = JSON.stringify([vendor, model, system, prompt, schemaName])
    const count = (counts.get(key) ?? 0) + 1
    counts.set(key, count)
    return count
  }
}
