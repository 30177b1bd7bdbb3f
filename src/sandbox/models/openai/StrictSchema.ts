/**
 * The part of JSON Schema that OpenAI takes with `strict: true`.
 * https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
 */

type JsonObject = { readonly [name: string]: unknown }

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const forbidden = [
  "allOf",
  "oneOf",
  "not",
  "dependentRequired",
  "dependentSchemas",
  "if",
  "then",
  "else",
  "patternProperties"
]

const context = (path: ReadonlyArray<string>): string => {
  if (path.length === 1) return `In context=('${path[0]}',)`
  return `In context=(${path.map((step) => `'${step}'`).join(", ")})`
}

const ownBreach = (schema: JsonObject, path: ReadonlyArray<string>): string | undefined => {
  const keyword = forbidden.find((name) => name in schema)
  if (keyword !== undefined) return `${context(path)}, '${keyword}' is not permitted.`
  if (schema["type"] !== "object") return undefined
  if (schema["additionalProperties"] !== false) {
    return `${context(path)}, 'additionalProperties' is required to be supplied and to be false.`
  }
  const required = Array.isArray(schema["required"]) ? schema["required"] : []
  const properties = isObject(schema["properties"]) ? Object.keys(schema["properties"]) : []
  const missing = properties.find((name) => !required.includes(name))
  return missing === undefined
    ? undefined
    : `${context(path)}, 'required' is required to be supplied and to be an array including every key in properties. Missing '${missing}'.`
}

const named = ["properties", "$defs", "definitions"]

const inner = (
  schema: JsonObject,
  path: ReadonlyArray<string>
): ReadonlyArray<readonly [JsonObject, ReadonlyArray<string>]> => {
  const below = (value: unknown, ...steps: ReadonlyArray<string>) =>
    isObject(value) ? [[value, [...path, ...steps]] as const] : []
  const anyOf = Array.isArray(schema["anyOf"]) ? schema["anyOf"] : []
  return [
    ...named.flatMap((keyword) => {
      const schemas = schema[keyword]
      return isObject(schemas)
        ? Object.entries(schemas).flatMap(([name, value]) => below(value, keyword, name))
        : []
    }),
    ...below(schema["items"], "items"),
    ...anyOf.flatMap((value, index) => below(value, "anyOf", String(index)))
  ]
}

const firstBreach = (schema: JsonObject, path: ReadonlyArray<string>): string | undefined => {
  const own = ownBreach(schema, path)
  if (own !== undefined) return own
  for (const [value, at] of inner(schema, path)) {
    const breach = firstBreach(value, at)
    if (breach !== undefined) return breach
  }
  return undefined
}

/** OpenAI's complaint about a schema that is meant to be strict; undefined when it has none. */
export const strictBreach = (name: string, schema: unknown): string | undefined => {
  const breach =
    isObject(schema) && schema["type"] === "object"
      ? firstBreach(schema, [])
      : `schema must be a JSON Schema of 'type: "object"', got 'type: "${isObject(schema) ? String(schema["type"] ?? "None") : "None"}"'.`
  return breach === undefined ? undefined : `Invalid schema for response_format '${name}': ${breach}`
}
