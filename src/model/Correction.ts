import type { Correction } from "./Provider.ts"

/** What a model is told about an answer that can't be read. */
export const correctionTurn = ({ mistake }: Correction): string =>
  `Your answer could not be read: ${mistake}\nAnswer again, with nothing but the object in the form that was asked for.`
