/** A page of the documentation, taken apart: its programs and its tables, as they stand there. */
import * as fs from "node:fs"
import { fileURLToPath } from "node:url"

export interface Page {
  /** The programs by their file names, which their first lines tell. */
  readonly programs: ReadonlyMap<string, string>
  /** The cells of the table below the heading, row by row, without its head. */
  readonly table: (heading: string) => ReadonlyArray<ReadonlyArray<string>>
  /** The lines of the block that has no language and follows this text. */
  readonly outputAfter: (text: string) => ReadonlyArray<string>
}

export const read = (name: string): Page => {
  const text = fs.readFileSync(fileURLToPath(new URL(`../../docs/${name}`, import.meta.url)), "utf8")
  const blocks = Array.from(text.matchAll(/^```ts\n(.*?)^```$/gms), ([, code = ""]) => code)
  const named = blocks.map((code): [string, string] => {
    const [, file] = /^\/\/ ([\w.]+\.ts)\n/.exec(code) ?? []
    if (file === undefined) throw new Error(`a program of ${name} does not tell its file's name:\n${code}`)
    return [file, code]
  })
  const after = (start: string) => {
    const at = text.indexOf(start)
    if (at < 0) throw new Error(`${name} does not say: ${start}`)
    return text.slice(at + start.length)
  }
  return {
    programs: new Map(named),
    table: (heading) =>
      (/(?:^\|.*\|\n)+/m.exec(after(`\n## ${heading}\n`)) ?? [""])[0]
        .trim()
        .split("\n")
        .slice(2)
        .map((row) => row.slice(2, -2).split(" | ")),
    outputAfter: (start) => (/^```\n(.*?)^```$/ms.exec(after(start))?.[1] ?? "").trimEnd().split("\n")
  }
}
