/** How commits descend from each other. */

interface Node {
  readonly parents: ReadonlyArray<string>
}

/** A commit and all that it descends from. */
const ancestors = (commits: ReadonlyMap<string, Node>, sha: string): ReadonlySet<string> => {
  const found = new Set<string>()
  const queue = [sha]
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (found.has(next)) continue
    found.add(next)
    queue.push(...(commits.get(next)?.parents ?? []))
  }
  return found
}

export interface Relation {
  readonly mergeBase: string
  /** Commits of head that base has not, oldest first. */
  readonly ahead: ReadonlyArray<string>
  /** How many of base head has not. */
  readonly behindBy: number
}

/** Undefined where the two have no common ancestor. */
export const relate = (
  commits: ReadonlyMap<string, Node>,
  base: string,
  head: string
): Relation | undefined => {
  const ofBase = ancestors(commits, base)
  const ofHead = ancestors(commits, head)
  const depth = (sha: string): number => ancestors(commits, sha).size
  // The nearest one descends from all the others, where history is not criss-crossed.
  const [mergeBase] = [...ofHead]
    .filter((sha) => ofBase.has(sha))
    .map((sha) => [sha, depth(sha)] as const)
    .reduce<readonly [string | undefined, number]>(
      (deepest, one) => (one[1] > deepest[1] ? one : deepest),
      [undefined, 0]
    )
  if (mergeBase === undefined) return undefined
  return {
    mergeBase,
    ahead: [...ofHead].filter((sha) => !ofBase.has(sha)).reverse(),
    behindBy: [...ofBase].filter((sha) => !ofHead.has(sha)).length
  }
}
