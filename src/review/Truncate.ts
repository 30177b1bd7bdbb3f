/** Keeps text within GitHub's limits without pretending that it is whole. */

import { openFence } from "./CodeFence.ts"

/** GitHub refuses a review or a comment with "body is too long (maximum is 65536 characters)". */
export const maxBodyLength = 65_536

/** https://docs.github.com/en/rest/checks/runs: the summary and the text of a check run's output. */
export const maxOutputLength = 65_535

const ending = "… (cut)"

/** The longest beginning that ends between two characters and fits with its ending. */
const cutAt = (text: string, length: number): string => {
  const cut = text.slice(0, Math.max(0, length))
  return /[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut
}

/** One line, or as much of it as fits. What looks like a code block's fence in it stands in a line, and is none. */
export const truncateLine = (line: string, maxLength: number): string =>
  line.length <= maxLength
    ? line
    : `${cutAt(line, maxLength - ending.length)}${ending}`.slice(0, Math.max(0, maxLength))

/** The ways to end a cut text, shortest first: on its line, on the next one, and behind the block that it leaves open. */
const ended = (beginning: string): ReadonlyArray<string> => [
  `${beginning}${ending}`,
  `${beginning}\n${ending}`,
  `${beginning}\n${openFence(beginning)}\n${ending}`
]

/**
 * The text, or as much of it as fits into `maxLength` UTF-16 units with the words that say that it was cut. A code block
 * that the cut leaves open is closed.
 */
export const truncate = (text: string, maxLength: number): string => {
  if (text.length <= maxLength) return text
  // What is cut off can be what closed a block, or a part of the line that did, so each ending is looked at as a whole.
  for (let room = maxLength - ending.length; room > 0; room -= 8) {
    const whole = ended(cutAt(text, room)).find((cut) => cut.length <= maxLength && openFence(cut) === "")
    if (whole !== undefined) return whole
  }
  return ending.slice(0, Math.max(0, maxLength))
}
