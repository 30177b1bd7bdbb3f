/**
 * Holds what went over the wire against GitHub's OpenAPI description (`github-slice.json`): each request against its
 * operation's parameters and body, each answer against the documented statuses and bodies. What goes to the GraphQL API
 * is held against its schema.
 */
import { readFileSync } from "node:fs"
import { Ajv, type ErrorObject, type ValidateFunction } from "ajv"
import addFormatsModule from "ajv-formats"
import type { JournalEntry } from "../../../src/sandbox/Journal.ts"
import { type PathPattern, pathPattern } from "../../../src/sandbox/PathPattern.ts"
import { graphqlAnswerFaults, graphqlRequestFaults } from "../graphql/GraphqlContract.ts"

export interface Violation {
  readonly side: "request" | "answer"
  /** As in `POST /repos/acme/web-shop/check-runs`. */
  readonly where: string
  readonly message: string
}

type Json = { readonly [key: string]: unknown }
const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Undefined wherever the path leads nowhere. */
const dig = (value: unknown, ...path: ReadonlyArray<string>): unknown =>
  path.reduce<unknown>((inside, key) => (isObject(inside) ? inside[key] : undefined), value)

/** OpenAPI 3.0's `nullable` in the words of JSON Schema. */
const toJsonSchema = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(toJsonSchema)
  if (!isObject(value)) return value
  const { nullable, ...rest } = value
  const schema = Object.fromEntries(Object.entries(rest).map(([key, inner]) => [key, toJsonSchema(inner)]))
  // A field may be called nullable; the keyword is a boolean.
  if (nullable === true) return { anyOf: [schema, { type: "null" }] }
  return nullable === undefined || nullable === false
    ? schema
    : { ...schema, nullable: toJsonSchema(nullable) }
}

/** A body with a field that GitHub does not know is a mistake of ours, though GitHub would let it pass. */
const closed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(closed)
  if (!isObject(value)) return value
  const schema = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, closed(inner)]))
  return isObject(value["properties"]) &&
    value["type"] === "object" &&
    value["additionalProperties"] === undefined
    ? { ...schema, additionalProperties: false }
    : schema
}

const description: unknown = toJsonSchema(
  JSON.parse(readFileSync(new URL("./github-slice.json", import.meta.url), "utf8"))
)
const root = "https://api.github.com/description"

const addFormats = addFormatsModule.default
const makeAjv = (coerceTypes: boolean): Ajv => {
  const ajv = new Ajv({ strict: false, allErrors: true, coerceTypes, validateFormats: true })
  addFormats(ajv)
  ajv.addFormat("int64", true)
  ajv.addFormat("timestamp", true)
  ajv.addFormat("repo.nwo", true)
  ajv.addSchema({ $id: root, ...(isObject(description) ? description : {}) })
  return ajv
}
const exact = makeAjv(false)
/** Parameters arrive as text. */
const lenient = makeAjv(true)

/** References are relative to the whole description, wherever the schema stands. */
const absolute = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(absolute)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === "$ref" && typeof inner === "string" ? `${root}${inner}` : absolute(inner)
    ])
  )
}

const compiled = new Map<string, ValidateFunction>()
const compile = (ajv: Ajv, key: string, schema: unknown): ValidateFunction => {
  const known = compiled.get(key)
  if (known) return known
  const made = ajv.compile(isObject(schema) ? (absolute(schema) as Json) : {})
  compiled.set(key, made)
  return made
}

const explain = (errors: ReadonlyArray<ErrorObject> | null | undefined): string =>
  (errors ?? [])
    .slice(0, 5)
    .map((error) => `${error.instancePath || "(the whole)"} ${error.message} ${JSON.stringify(error.params)}`)
    .join("; ")

const resolve = (value: unknown): unknown => {
  const reference = dig(value, "$ref")
  return typeof reference === "string" ? dig(description, ...reference.slice(2).split("/")) : value
}

interface DescribedOperation {
  readonly name: string
  readonly method: string
  readonly pattern: PathPattern
  readonly described: unknown
}

const operations: ReadonlyArray<DescribedOperation> = Object.entries(dig(description, "paths") ?? {}).flatMap(
  ([path, methods]) =>
    Object.entries(isObject(methods) ? methods : {}).map(([method, described]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      pattern: pathPattern(path),
      described
    }))
)

const parametersOf = (operation: DescribedOperation, place: string) => {
  const all = dig(operation.described, "parameters")
  return (Array.isArray(all) ? all : []).map(resolve).filter((one) => dig(one, "in") === place)
}

/** Path and query parameters, each against its schema. */
const parameterFaults = (operation: DescribedOperation, entry: JournalEntry): ReadonlyArray<string> => {
  const given = {
    path: operation.pattern.match(entry.path) ?? {},
    query: Object.fromEntries(new URLSearchParams(entry.query))
  }
  return (["path", "query"] as const).flatMap((place) => {
    const known = parametersOf(operation, place)
    const names = known.map((one) => String(dig(one, "name")))
    const values: Json = given[place]
    return [
      ...Object.keys(values)
        .filter((name) => !names.includes(name))
        .map((name) => `${place} parameter ${name} is unknown`),
      ...known.flatMap((one) => {
        const name = String(dig(one, "name"))
        if (values[name] === undefined) {
          return dig(one, "required") === true ? [`${place} parameter ${name} is missing`] : []
        }
        const validate = compile(lenient, `${operation.name} ${place} ${name}`, {
          type: "object",
          properties: { value: dig(one, "schema") }
        })
        return validate({ value: values[name] }) ? [] : [`${name}: ${explain(validate.errors)}`]
      })
    ]
  })
}

const bodyFaults = (operation: DescribedOperation, entry: JournalEntry): ReadonlyArray<string> => {
  const described = resolve(dig(operation.described, "requestBody"))
  if (entry.body === undefined) {
    return dig(described, "required") === true ? ["the body is missing"] : []
  }
  const schema = dig(described, "content", "application/json", "schema")
  if (schema === undefined) {
    // Some clients send an empty object with every request that may have a body.
    return isObject(entry.body) && Object.keys(entry.body).length === 0 ? [] : ["no body is documented"]
  }
  const validate = compile(exact, `${operation.name} body`, closed(schema))
  return validate(entry.body) ? [] : [`body: ${explain(validate.errors)}`]
}

/**
 * Any operation can end so, whether its own description lists it or not:
 * https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
 */
const documentedEverywhere = new Set([400, 401, 403, 404, 422, 429, 500, 502, 503, 504])

const answerFaults = (operation: DescribedOperation, entry: JournalEntry): ReadonlyArray<string> => {
  const answer = entry.answer
  if (answer === undefined) return []
  const described = resolve(dig(operation.described, "responses", String(answer.status)))
  if (described === undefined && !documentedEverywhere.has(answer.status)) {
    return [`status ${answer.status} is not documented`]
  }
  const kinds = described === undefined ? undefined : dig(described, "content")
  if (described !== undefined && kinds === undefined) {
    return answer.body === undefined ? [] : ["no content is documented"]
  }
  const asked = Object.keys(isObject(kinds) ? kinds : {}).find(
    (kind) => kind !== "application/json" && entry.headers["accept"]?.includes(kind)
  )
  const schema =
    described === undefined
      ? { $ref: "#/components/schemas/basic-error" }
      : dig(kinds, asked ?? "application/json", "schema")
  const validate = compile(exact, `${operation.name} ${answer.status} ${asked ?? ""}`, schema)
  return validate(answer.body) ? [] : [`status ${answer.status}: ${explain(validate.errors)}`]
}

/** Everything in which one exchange departs from the description. */
export const violationsOf = (entry: JournalEntry): ReadonlyArray<Violation> => {
  const where = `${entry.method} ${entry.path}${entry.query}`
  const operation = operations.find(
    (one) => one.method === entry.method && one.pattern.match(entry.path) !== undefined
  )
  if (`${entry.method} ${entry.path}` === "POST /graphql") {
    return [
      ...graphqlRequestFaults(entry).map((message) => ({ side: "request" as const, where, message })),
      ...graphqlAnswerFaults(entry).map((message) => ({ side: "answer" as const, where, message }))
    ]
  }
  if (operation === undefined) {
    return [{ side: "request", where, message: "GitHub has no such operation, or it is not in the slice" }]
  }
  const request = [...parameterFaults(operation, entry), ...bodyFaults(operation, entry)]
  // An answer that a test made up on purpose is outside the description on purpose.
  const answer = entry.fault === "Answer" ? [] : answerFaults(operation, entry)
  return [
    ...request.map((message) => ({ side: "request" as const, where, message })),
    ...answer.map((message) => ({ side: "answer" as const, where, message }))
  ]
}

const fail = (violations: ReadonlyArray<Violation>): void => {
  if (violations.length === 0) return
  const lines = violations.map((one) => `${one.side} ${one.where}: ${one.message}`)
  throw new Error(`Not as GitHub's OpenAPI description has it:\n${lines.join("\n")}`)
}

/** Throws unless every request and every answer conforms. For journals of what Holdfast asked. */
export const assertJournalConforms = (entries: ReadonlyArray<JournalEntry>): void =>
  fail(entries.flatMap(violationsOf))

/** The same for the answers alone: for tests that ask what no client should. */
export const assertAnswersConform = (entries: ReadonlyArray<JournalEntry>): void =>
  fail(entries.flatMap(violationsOf).filter((one) => one.side === "answer"))
