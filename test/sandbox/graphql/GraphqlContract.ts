/** Holds what went to the GraphQL API and came back against GitHub's schema (`github-slice.graphql`). */
import { readFileSync } from "node:fs"
import {
  buildSchema,
  type DocumentNode,
  executeSync,
  GraphQLError,
  getOperationAST,
  getVariableValues,
  NoDeprecatedCustomRule,
  parse,
  specifiedRules,
  validate
} from "graphql"
import type { JournalEntry } from "../../../src/sandbox/Journal.ts"

const schema = buildSchema(readFileSync(new URL("./github-slice.graphql", import.meta.url), "utf8"))

type Json = { readonly [key: string]: unknown }
const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** The faults of a document by itself; deprecated fields are among them. */
export const documentFaults = (query: string): ReadonlyArray<string> => {
  try {
    return validate(schema, parse(query), [...specifiedRules, NoDeprecatedCustomRule]).map(
      ({ message }) => message
    )
  } catch (error) {
    return [error instanceof GraphQLError ? error.message : "not a document"]
  }
}

interface Request {
  readonly document: DocumentNode
  readonly variables: { readonly [name: string]: unknown }
}

const requestOf = ({ body }: JournalEntry): Request | undefined =>
  isObject(body) && typeof body["query"] === "string" && documentFaults(body["query"]).length === 0
    ? {
        document: parse(body["query"]),
        variables: isObject(body["variables"]) ? body["variables"] : {}
      }
    : undefined

export const graphqlRequestFaults = (entry: JournalEntry): ReadonlyArray<string> => {
  if (!isObject(entry.body) || typeof entry.body["query"] !== "string") return ["there is no query"]
  const unknown = Object.keys(entry.body).filter(
    (key) => !["query", "variables", "operationName"].includes(key)
  )
  const faults = documentFaults(entry.body["query"])
  const request = requestOf(entry)
  const operation = request === undefined ? undefined : getOperationAST(request.document)
  const { errors = [] } =
    request === undefined || !operation
      ? {}
      : getVariableValues(schema, operation.variableDefinitions ?? [], request.variables)
  const declared = operation?.variableDefinitions?.map(({ variable }) => variable.name.value) ?? []
  return [
    ...unknown.map((key) => `${key} is unknown`),
    ...faults,
    ...errors.map(({ message }) => message),
    ...Object.keys(request?.variables ?? {})
      .filter((name) => !declared.includes(name))
      .map((name) => `the variable ${name} is not declared`)
  ]
}

/** In the order of the document, as `executeSync` gives it. */
const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])])
  )
}

/** Reads the answer's data as the schema would, and compares: neither a field too many nor one that is not of its type. */
const dataFaults = ({ document, variables }: Request, data: unknown): ReadonlyArray<string> => {
  const read = executeSync({
    schema,
    document,
    rootValue: data,
    variableValues: variables,
    // In an answer a field stands under the name that the document gave it.
    fieldResolver: (source: unknown, _args, _context, { path }) =>
      isObject(source) ? source[path.key] : undefined
  })
  const problems = (read.errors ?? []).map(({ message, path }) => `${path?.join(".")}: ${message}`)
  if (problems.length > 0) return problems
  const [expected, given] = [JSON.stringify(sorted(read.data)), JSON.stringify(sorted(data))]
  return expected === given ? [] : [`the data is not what was asked for: ${given.slice(0, 200)}`]
}

export const graphqlAnswerFaults = (entry: JournalEntry): ReadonlyArray<string> => {
  const { answer } = entry
  if (answer === undefined || entry.fault === "Answer" || answer.status !== 200) return []
  if (!isObject(answer.body)) return ["the answer is no object"]
  const { data, errors, ...others } = answer.body
  const messages = Array.isArray(errors) ? errors : []
  const faults = [
    ...Object.keys(others).map((key) => `${key} is not documented`),
    ...(messages.every((error) => isObject(error) && typeof error["message"] === "string")
      ? []
      : ["an error has no message"]),
    ...(errors !== undefined && messages.length === 0 ? ["errors is empty"] : [])
  ]
  const request = requestOf(entry)
  // With errors, parts of the data are null, whatever the schema says of them.
  return request === undefined || messages.length > 0 ? faults : [...faults, ...dataFaults(request, data)]
}
