/** Figures as tables, for a terminal and for a page. */

export type Row = ReadonlyArray<string>

export interface Part {
  readonly title: string
  /** What the figures mean for a person who runs reviews. */
  readonly meaning: string
  readonly header: Row
  readonly rows: ReadonlyArray<Row>
}

const aligned = (rows: ReadonlyArray<Row>) => {
  const width = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0))
  return rows.map(
    (row) =>
      `  ${row.map((cell, n) => (n === 0 ? cell.padEnd(width(n)) : cell.padStart(width(n)))).join("   ")}`
  )
}

/** For a terminal. */
export const terminal = (parts: ReadonlyArray<Part>): string =>
  parts.map(({ header, rows, title }) => [title, ...aligned([header, ...rows])].join("\n")).join("\n\n")

const markdownRow = (row: Row) => `| ${row.join(" | ")} |`

/** For a page in Markdown, below what stands at its top. */
export const markdown = (top: ReadonlyArray<string>, parts: ReadonlyArray<Part>): string => {
  const lines = [...top, ""]
  for (const { header, meaning, rows, title } of parts) {
    lines.push(`## ${title}`, "", meaning, "")
    lines.push(markdownRow(header), markdownRow(header.map((_, n) => (n === 0 ? "---" : "---:"))))
    lines.push(...rows.map(markdownRow), "")
  }
  return `${lines.join("\n").trimEnd()}\n`
}
