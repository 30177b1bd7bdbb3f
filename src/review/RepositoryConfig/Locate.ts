/** Where in the file a value or a key stands. */
import { type Document, isCollection, isMap, isNode, isScalar, type LineCounter, type Node } from "yaml"

export interface Place {
  /** From 1. */
  readonly line: number
  /** From 1. */
  readonly column: number
}

export type Path = ReadonlyArray<PropertyKey>

const keyNode = (parent: unknown, key: PropertyKey): Node | undefined => {
  if (!isMap(parent)) return undefined
  const pair = parent.items.find(
    ({ key: candidate }) => isScalar(candidate) && String(candidate.value) === String(key)
  )
  return isNode(pair?.key) ? pair.key : undefined
}

/** The deepest node on the path that there is: a value that is missing is reported where it should be. */
const deepest = (document: Document.Parsed, path: Path): unknown => {
  let node: unknown = document.contents
  for (const key of path) {
    if (!isCollection(node)) break
    const next: unknown = node.get(typeof key === "number" ? key : String(key), true)
    if (next === undefined || next === null) break
    node = next
  }
  return node
}

const placeOf = (node: unknown, lines: LineCounter): Place => {
  const offset = isNode(node) ? (node.range?.[0] ?? 0) : 0
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(1, line), column: Math.max(1, col) }
}

/** Where the value at the path begins. */
export const locateValue = (document: Document.Parsed, path: Path, lines: LineCounter): Place =>
  placeOf(deepest(document, path), lines)

/** Where the key at the end of the path stands. */
export const locateKey = (document: Document.Parsed, path: Path, lines: LineCounter): Place => {
  const key = path.at(-1)
  const parent = deepest(document, path.slice(0, -1))
  return placeOf(key === undefined ? parent : (keyNode(parent, key) ?? parent), lines)
}
