/** Whether two titles may well say the same in other words. Pure, and in any language. */

/** Pairs of letters or digits that stand side by side, so that neither order nor endings of words count for much. */
const pairsOf = (title: string): ReadonlyArray<string> =>
  (
    title
      .normalize("NFKC")
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
  ).flatMap((word) => {
    const letters = [...word]
    return letters.length === 1 ? letters : letters.slice(1).map((letter, at) => `${letters[at]}${letter}`)
  })

const count = (pairs: ReadonlyArray<string>): Map<string, number> => {
  const counts = new Map<string, number>()
  for (const pair of pairs) counts.set(pair, (counts.get(pair) ?? 0) + 1)
  return counts
}

/** By trial: rewordings came to 0.64 and more, most pairs of different faults of the same code to less than 0.55. */
const minShare = 0.62

/** Sørensen's coefficient of their pairs: twice what they share, by what they have. */
export const isSimilarTitle = (one: string, other: string): boolean => {
  const pairs = pairsOf(one)
  const others = pairsOf(other)
  const left = count(others)
  let shared = 0
  for (const pair of pairs) {
    const there = left.get(pair) ?? 0
    if (there === 0) continue
    left.set(pair, there - 1)
    shared++
  }
  return shared > 0 && (2 * shared) / (pairs.length + others.length) >= minShare
}
