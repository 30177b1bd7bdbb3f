/** Answers a GraphQL document from objects whose fields are values, or functions of their arguments. */
import { Either } from "effect"
import type { Document, Field, Value } from "./Document.ts"

export type Arguments = { readonly [name: string]: unknown }

/** One error of an answer, as GitHub words it. */
export interface GraphqlError {
  readonly type?: string
  readonly message: string
  readonly path?: ReadonlyArray<string | number>
  readonly extensions?: { readonly [name: string]: unknown }
}

type Resolved = Either.Either<unknown, GraphqlError>

/** An object of the graph. */
export interface Node {
  readonly __typename: string
  readonly [field: string]: unknown
}

/** A field that takes arguments. */
export class Resolver {
  readonly run: (args: Arguments) => Resolved
  constructor(run: (args: Arguments) => Resolved) {
    this.run = run
  }
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && "__typename" in value

const evaluate = (value: Value, variables: Arguments): unknown => {
  switch (value.kind) {
    case "variable":
      return variables[value.name]
    case "literal":
      return value.value
    case "object":
      return Object.fromEntries([...value.fields].map(([name, inner]) => [name, evaluate(inner, variables)]))
  }
}

export interface Executed {
  readonly data: { readonly [field: string]: unknown } | null
  readonly errors: ReadonlyArray<GraphqlError>
}

/** An object that could not be had is null in the answer, and an error says why. */
export const execute = (document: Document, root: Node, variables: Arguments): Executed => {
  const errors: Array<GraphqlError> = []

  const complete = (value: unknown, field: Field, path: ReadonlyArray<string | number>): unknown => {
    if (Array.isArray(value)) return value.map((item, index) => complete(item, field, [...path, index]))
    return isNode(value) ? select(value, field.selections, path) : value
  }

  const resolve = (node: Node, field: Field, path: ReadonlyArray<string | number>): unknown => {
    const value = node[field.name]
    if (value === undefined) {
      errors.push({
        message: `Field '${field.name}' doesn't exist on type '${node.__typename}'`,
        path,
        extensions: { code: "undefinedField", typeName: node.__typename, fieldName: field.name }
      })
      return null
    }
    if (!(value instanceof Resolver)) return complete(value, field, path)
    const args = Object.fromEntries(
      [...field.args].map(([name, given]) => [name, evaluate(given, variables)])
    )
    return Either.match(value.run(args), {
      onLeft: (error) => {
        errors.push({ ...error, path })
        return null
      },
      onRight: (found) => complete(found, field, path)
    })
  }

  const select = (
    node: Node,
    selections: ReadonlyArray<Field>,
    path: ReadonlyArray<string | number>
  ): { readonly [field: string]: unknown } =>
    Object.fromEntries(selections.map((field) => [field.alias, resolve(node, field, [...path, field.alias])]))

  return { data: select(root, document.selections, []), errors }
}
