/** Programs with mistakes: a line that must not compile says so with `// TS` and the compiler's number for it. */
import type { Mistake } from "../support/Compiler.ts"

/** Where the compiler must find what. */
export const marks = (file: string, code: string): ReadonlyArray<string> =>
  code.split("\n").flatMap((text, index) => {
    const [, number] = /\/\/ TS(\d+)/.exec(text) ?? []
    return number === undefined ? [] : [`${file}:${index + 1} TS${number}`]
  })

export const found = (mistakes: ReadonlyArray<Mistake>): ReadonlyArray<string> =>
  mistakes.map(({ code, file, line }) => `${file}:${line} TS${code}`)
