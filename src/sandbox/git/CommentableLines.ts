/** Which lines of a patch may carry a review comment: those that a hunk shows, each on its side. */
export type Side = "LEFT" | "RIGHT"

export interface CommentableLine {
  readonly side: Side
  readonly line: number
  /** Counted from 0; both ends of a comment on several lines must be in one hunk. */
  readonly hunk: number
  /** Lines below the first `@@`, as the older `position` parameter counts them. */
  readonly position: number
  /** The hunk up to and with this line, which GitHub keeps with the comment. */
  readonly diffHunk: string
}

const hunkHeader = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/

/** Reads a patch as the files listing gives it. Context lines count on both sides. */
export const commentableLines = (patch: string): ReadonlyArray<CommentableLine> => {
  const found: Array<CommentableLine> = []
  let hunk = -1
  let oldLine = 0
  let newLine = 0
  let position = -1
  let shown: Array<string> = []
  for (const text of patch.split("\n")) {
    position++
    const header = hunkHeader.exec(text)
    if (header) {
      hunk++
      oldLine = Number(header[1])
      newLine = Number(header[2])
      shown = [text]
      continue
    }
    shown.push(text)
    const here = { hunk, position, diffHunk: shown.join("\n") }
    if (text.startsWith("+")) found.push({ side: "RIGHT", line: newLine++, ...here })
    else if (text.startsWith("-")) found.push({ side: "LEFT", line: oldLine++, ...here })
    else if (!text.startsWith("\\")) {
      found.push({ side: "LEFT", line: oldLine++, ...here }, { side: "RIGHT", line: newLine++, ...here })
    }
  }
  return found
}
