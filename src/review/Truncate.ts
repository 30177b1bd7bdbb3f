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

/**
 * The text, or as much of it as fits into `maxLength` UTF-16 units with the words that say that it was cut. A code block
 * that the cut leaves open is closed.
 */
export const truncate = (text: string, maxLength: number): string => {
  if (text.length <= maxLength) return text
  const beginning = cutAt(text, maxLength - ending.length)
  const fence = openFence(beginning)
  if (fence === "") return `${beginning}${ending}`.slice(0, Math.max(0, maxLength))
  const close = `\n${fence}\n`
  return `${cutAt(text, maxLength - ending.length - close.length)}${close}${ending}`.slice(
    0,
    Math.max(0, maxLength)
  )
}
