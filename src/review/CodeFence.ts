/** Fences of code blocks in Markdown: https://github.github.com/gfm/#fenced-code-blocks */

const longestRun = (text: string): number =>
  (text.match(/`+/g) ?? []).reduce((longest, run) => Math.max(longest, run.length), 0)

/** Backticks that delimit the text as code, at least as many as asked for and more than the text has in a row. */
export const fenceFor = (text: string, least: number): string =>
  "`".repeat(Math.max(least, longestRun(text) + 1))

/** The fence that closes the block that the text leaves open; empty when all are closed. */
export const openFence = (text: string): string => {
  let open = ""
  for (const line of text.split("\n")) {
    const fence = /^ {0,3}(`{3,}(?=[^`]*$)|~{3,})/.exec(line)?.[1]
    if (fence === undefined) continue
    if (open === "") open = fence
    else if (fence.startsWith(open) && line.trim() === fence) open = ""
  }
  return open
}

/** The text with its last code block closed, so that it does not swallow what follows. */
export const withFencesClosed = (text: string): string => {
  const fence = openFence(text)
  return fence === "" ? text : `${text}\n${fence}`
}
