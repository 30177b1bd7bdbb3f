/**
 * How much of one file is found again in another, as git reckons it for renames: content is cut at line ends (or after
 * 64 bytes), and the bytes of pieces that both have are counted against the larger of the two.
 */
const pieces = (content: Uint8Array): Map<string, number> => {
  const counted = new Map<string, number>()
  let start = 0
  for (let at = 0; at < content.length; at++) {
    if (content[at] === 10 || at - start === 63 || at === content.length - 1) {
      const piece = Buffer.from(content.subarray(start, at + 1)).toString("latin1")
      counted.set(piece, (counted.get(piece) ?? 0) + piece.length)
      start = at + 1
    }
  }
  return counted
}

/** Between 0 (nothing in common) and 1 (the same). */
export const similarity = (before: Uint8Array, after: Uint8Array): number => {
  const larger = Math.max(before.length, after.length)
  if (larger === 0) return 1
  const source = pieces(before)
  let copied = 0
  for (const [piece, bytes] of pieces(after)) copied += Math.min(bytes, source.get(piece) ?? 0)
  return copied / larger
}
