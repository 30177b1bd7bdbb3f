/**
 * Makes `github-slice.json`: the operations of GitHub's OpenAPI description that Holdfast calls, with the components
 * they need and nothing else. Source: `generated/api.github.com.json` of the npm package @octokit/openapi 23.0.2, which
 * is GitHub's own description (github/rest-api-description) with Octokit's corrections. It unpacks to 385 MB, so it is
 * no dependency:
 *
 *   cd "$(mktemp -d)" && npm pack @octokit/openapi@23.0.2 && tar xzf *.tgz package/generated/api.github.com.json
 *   node --import tsx test/sandbox/openapi/extract.ts "$OLDPWD/package/generated/api.github.com.json"
 */
import { readFileSync, writeFileSync } from "node:fs"

const wanted: ReadonlyArray<readonly [path: string, ...methods: ReadonlyArray<string>]> = [
  ["/app", "get"],
  ["/app/installations", "get"],
  ["/app/installations/{installation_id}", "get"],
  ["/app/installations/{installation_id}/access_tokens", "post"],
  ["/app/hook/deliveries", "get"],
  ["/app/hook/deliveries/{delivery_id}", "get"],
  ["/app/hook/deliveries/{delivery_id}/attempts", "post"],
  ["/installation/repositories", "get"],
  ["/repos/{owner}/{repo}", "get"],
  ["/repos/{owner}/{repo}/installation", "get"],
  ["/repos/{owner}/{repo}/pulls/{pull_number}", "get"],
  ["/repos/{owner}/{repo}/pulls/{pull_number}/files", "get"],
  ["/repos/{owner}/{repo}/pulls/{pull_number}/reviews", "get", "post"],
  ["/repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}", "get", "put", "delete"],
  ["/repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}/comments", "get"],
  ["/repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}/events", "post"],
  ["/repos/{owner}/{repo}/commits/{ref}/check-runs", "get"],
  ["/repos/{owner}/{repo}/check-runs", "post"],
  ["/repos/{owner}/{repo}/check-runs/{check_run_id}", "get", "patch"],
  ["/repos/{owner}/{repo}/compare/{basehead}", "get"],
  ["/repos/{owner}/{repo}/collaborators/{username}/permission", "get"],
  ["/repos/{owner}/{repo}/issues/{issue_number}/comments", "get", "post"],
  ["/repos/{owner}/{repo}/issues/comments/{comment_id}/reactions", "post"],
  ["/repos/{owner}/{repo}/pulls/comments/{comment_id}/reactions", "post"],
  ["/repos/{owner}/{repo}/contents/{path}", "get"],
  ["/repos/{owner}/{repo}/git/blobs/{file_sha}", "get"]
]

/** Also used where an answer is not documented for an operation but can come from any. */
const alwaysNeeded = ["#/components/schemas/basic-error"]
const prose = new Set(["description", "summary", "externalDocs", "x-github", "x-octokit", "tags"])

type Json = { readonly [key: string]: unknown }
const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/**
 * In the listing's own copy of `installation` an account is a user and an enterprise at once (`allOf`), which none is.
 * The component that the other operations refer to says either (`anyOf`), so the listing is made to refer to it too.
 */
const corrected = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(corrected)
  if (!isObject(value)) return value
  if (value["title"] === "Installation") return { $ref: "#/components/schemas/installation" }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, corrected(inner)]))
}

/** Without prose and examples. `inProperties`: the keys are names of fields, not keywords. */
const strip = (value: unknown, inProperties = false): unknown => {
  if (Array.isArray(value)) return value.map((item) => strip(item))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => inProperties || !(prose.has(key) || key === "example" || key === "examples"))
      .map(([key, inner]) => [key, strip(inner, !inProperties && key === "properties")])
  )
}

const references = (value: unknown): ReadonlyArray<string> => {
  if (Array.isArray(value)) return value.flatMap(references)
  if (!isObject(value)) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    key === "$ref" && typeof inner === "string" ? [inner] : references(inner)
  )
}

const source = process.argv[2]
if (source === undefined) throw new Error("Give the path of api.github.com.json as the argument.")
const description: unknown = JSON.parse(readFileSync(source, "utf8"))

const at = (pointer: string): unknown =>
  pointer
    .slice(2)
    .split("/")
    .reduce<unknown>((inside, key) => (isObject(inside) ? inside[key] : undefined), description)

const allPaths = at("#/paths")
const paths: { [path: string]: unknown } = {}
for (const [path, ...methods] of wanted) {
  const item = isObject(allPaths) ? allPaths[path] : undefined
  if (!isObject(item)) throw new Error(`${path} is not in the description`)
  paths[path] = corrected(strip(Object.fromEntries(methods.map((method) => [method, item[method]]))))
}

const components: { [kind: string]: { [name: string]: unknown } } = {}
const queue = [...references(paths), ...alwaysNeeded]
const seen = new Set<string>()
for (let pointer = queue.pop(); pointer !== undefined; pointer = queue.pop()) {
  if (seen.has(pointer)) continue
  seen.add(pointer)
  const [, , kind = "", name = ""] = pointer.split("/")
  const component = strip(at(pointer))
  // Examples are the bulk of the description and are not needed.
  if (kind === "examples") continue
  components[kind] = { ...components[kind], [name]: component }
  queue.push(...references(component))
}

const slice = {
  "x-source": "@octokit/openapi 23.0.2, generated/api.github.com.json, cut down by extract.ts",
  openapi: "3.0.3",
  paths,
  components
}
const target = new URL("./github-slice.json", import.meta.url)
writeFileSync(target, `${JSON.stringify(slice)}\n`)
