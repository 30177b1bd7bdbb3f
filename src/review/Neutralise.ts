/**
 * Makes text that others wrote harmless in a comment: the code under review, file names, and what a model says about
 * them. It must notify nobody, hide nothing, load nothing and never look like Holdfast's own marker.
 *
 * A zero-width space is put where GitHub would read a mention, a tag or an entity. It is put there in code, too: what is
 * code to us may be text to GitHub, and there it does no harm. Suggestions are not passed through here, since they are
 * applied to files as they stand; GitHub notifies nobody from within a code block.
 */

import { fenceFor } from "./CodeFence.ts"

const zeroWidthSpace = "\u200b"

/**
 * Characters that are not seen: controls other than tab and line feed, zero-width ones, those that turn the direction of
 * writing (https://trojansource.codes), fillers, and the variation selectors in which text can be hidden.
 */
const invisible = /(?![\t\n])[\p{Cc}\p{Cf}\u115f\u1160\u3164\uffa0]|[\u{e0100}-\u{e01ef}]/gu

/** The text without characters that a reader can't see. */
export const withoutInvisible = (text: string): string => text.replace(invisible, "")

/** Text for Markdown: formatting stays, everything that acts is disarmed. */
export const neutralise = (text: string): string =>
  withoutInvisible(text.replace(/\r\n?/g, "\n"))
    // A mention works on the rendered text, so an entity that renders as "@" mentions as well.
    .replace(/@/g, `@${zeroWidthSpace}`)
    .replace(/&(?=#|[a-z]+;)/gi, `&${zeroWidthSpace}`)
    // Tags and HTML comments, our marker's look-alikes among them. "<" before a space or a digit is no tag.
    .replace(/<(?=[a-z/!?])/gi, `<${zeroWidthSpace}`)
    // An image is fetched when the comment is read, and its address can carry what was read out.
    .replace(/!(?=\[)/g, `!${zeroWidthSpace}`)

/** {@link neutralise} for one line: line feeds become spaces. */
export const neutraliseLine = (text: string): string => neutralise(text).replace(/\s+/g, " ").trim()

/** Text of one line that shows as it stands: what Markdown would read as formatting is escaped. */
export const plainText = (text: string): string => neutraliseLine(text).replace(/[\\`*_~[\]#|]/g, "\\$&")

/** Text as a code span of one line, whatever backticks it has. */
export const codeSpan = (text: string): string => {
  const line = neutraliseLine(text)
  if (line === "") return ""
  const fence = fenceFor(line, 1)
  const padding = line.startsWith("`") || line.endsWith("`") ? " " : ""
  return `${fence}${padding}${line}${padding}${fence}`
}

/** Markdown of one line as the content of a table's cell; in code spans, too, GitHub reads "\\|" as a bar there. */
export const tableCell = (markdown: string): string => markdown.replace(/\|/g, "\\|")
