/**
 * Makes text that others wrote harmless in a comment: the code under review, file names, and what a model says about
 * them. It must notify nobody, refer to nothing, hide nothing, load nothing, offer nothing to be applied and never look
 * like Holdfast's own marker.
 *
 * A zero-width space is put where GitHub would read a mention, a reference, a tag, an entity or a link. What is left of
 * links are addresses of the web, shown in full, that lead where they seem to lead. It is put there in code, too: what is
 * code to us may be text to GitHub, and there it does no harm. Suggestions are not passed through here, since they are
 * applied to files as they stand; GitHub notifies nobody from within a code block.
 */

import { fenceFor } from "./CodeFence.ts"

const zeroWidthSpace = "\u200b"

/**
 * Characters that are not seen: controls other than tab and line feed, zero-width ones, those that turn the direction of
 * writing (https://trojansource.codes), fillers, and the variation selectors in which text can be hidden: all but the
 * two that choose how an emoji looks.
 */
const invisible =
  /(?![\t\n])(?:\p{Cc}|\p{Cf}|\p{Zl}|\p{Zp}|\u034f|\u115f|\u1160|\u17b4|\u17b5|[\u180b-\u180f]|\u3164|\uffa0|[\ufe00-\ufe0d]|[\u{e0100}-\u{e01ef}]|(?<!\p{Emoji})[\ufe0e\ufe0f])/gu

/** The text without characters that a reader can't see. */
export const withoutInvisible = (text: string): string => text.replace(invisible, "")

/** Languages of code blocks that GitHub makes something else of: https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/creating-diagrams */
const drawn = /(?:`{3,}|~{3,})[ \t]*(?=suggestion|mermaid|math|geojson|topojson|stl)/gi

/** An address of the web that GitHub links as it stands: its host can be read, and it refers to no issue or commit. */
const isHonest = (address: string): boolean =>
  /^https?:\/\/[a-z0-9.-]+(?::\d+)?(?:[/?#]|[^a-z0-9@]*$)/i.test(address) &&
  !/^\w+:\/\/[^?#]*\/(?:issues|pull|discussions|commit)\//i.test(address)

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
    // A link's words need not say where it leads, nor need those of a reference to an address further down.
    .replace(/\](?=[(:])/g, `]${zeroWidthSpace}`)
    .replace(/[a-z][a-z0-9+.-]*:(?=\/\/)[^\s<>]*/gi, (address) =>
      isHonest(address) ? address : address.replace(":", `:${zeroWidthSpace}`)
    )
    // GitHub puts a line into the history of what is referred to, in other repositories as well.
    .replace(/#(?=\d)/g, `#${zeroWidthSpace}`)
    .replace(/\bGH-(?=\d)/gi, (reference) => `${reference}${zeroWidthSpace}`)
    // Only what is rendered as a suggestion is one; and what is drawn from a block is neither read nor checked.
    .replace(drawn, (fence) => `${fence}${zeroWidthSpace}`)

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
