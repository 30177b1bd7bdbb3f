/** Finds keys that a schema does not know, with those it knows in their place. */
import { SchemaAST } from "effect"
import type { Path } from "./Locate.ts"

export interface UnknownKey {
  readonly path: Path
  readonly known: ReadonlyArray<string>
}

const isRecord = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === "object" && value !== null && !Array.isArray(value)

export const unknownKeys = (
  ast: SchemaAST.AST,
  value: unknown,
  path: Path = []
): ReadonlyArray<UnknownKey> => {
  if (SchemaAST.isRefinement(ast)) return unknownKeys(ast.from, value, path)
  if (SchemaAST.isTypeLiteral(ast) && isRecord(value)) {
    const known = new Map(ast.propertySignatures.map(({ name, type }) => [String(name), type]))
    return Object.entries(value).flatMap(([key, inner]) => {
      const type = known.get(key)
      return type === undefined
        ? [{ path: [...path, key], known: [...known.keys()] }]
        : unknownKeys(type, inner, [...path, key])
    })
  }
  const [item] = SchemaAST.isTupleType(ast) ? ast.rest : []
  return item !== undefined && Array.isArray(value)
    ? value.flatMap((inner, index) => unknownKeys(item.type, inner, [...path, index]))
    : []
}
