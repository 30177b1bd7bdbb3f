/**
 * Makes `github-slice.graphql`: the fields of GitHub's GraphQL schema that Holdfast asks for, as they are declared
 * there, and nothing else. Source: `schema.graphql` of the npm package @octokit/graphql-schema 15.26.1, which is the
 * schema that GitHub publishes. It is large and no dependency:
 *
 *   cd "$(mktemp -d)" && npm pack @octokit/graphql-schema@15.26.1 && tar xzf *.tgz package/schema.graphql
 *   node --import tsx test/sandbox/graphql/extract.ts "$OLDPWD/package/schema.graphql"
 */
import { readFileSync, writeFileSync } from "node:fs"
import { type ConstDirectiveNode, type DefinitionNode, Kind, parse, print, visit } from "graphql"

/** A type without fields is taken whole. */
const wanted: { readonly [type: string]: ReadonlyArray<string> } = {
  Query: ["repository"],
  Mutation: ["resolveReviewThread"],
  Repository: ["pullRequest"],
  PullRequest: ["reviewThreads"],
  PullRequestReviewThreadConnection: ["pageInfo", "nodes"],
  PageInfo: [],
  PullRequestReviewThread: ["id", "isResolved", "isOutdated", "path", "line", "startLine", "comments"],
  PullRequestReviewCommentConnection: ["nodes"],
  PullRequestReviewComment: ["fullDatabaseId", "author", "body"],
  Actor: ["login"],
  Bot: ["login"],
  EnterpriseUserAccount: ["login"],
  Mannequin: ["login"],
  Organization: ["login"],
  User: ["login"],
  ResolveReviewThreadInput: [],
  ResolveReviewThreadPayload: [],
  BigInt: []
}

const source = process.argv[2]
if (source === undefined) throw new Error("Give the path of schema.graphql as the argument.")
const { definitions } = parse(readFileSync(source, "utf8"), { noLocation: true })

/** Only what says that a field is going away is kept. */
const isDeprecation = ({ name }: ConstDirectiveNode): boolean => name.value === "deprecated"

const cut = (definition: DefinitionNode): ReadonlyArray<DefinitionNode> => {
  if (!("name" in definition) || definition.name === undefined) return []
  const fields = wanted[definition.name.value]
  if (fields === undefined) return []
  if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION) {
    return [definition]
  }
  return [
    {
      ...definition,
      interfaces: (definition.interfaces ?? []).filter(({ name }) => name.value in wanted),
      fields: (definition.fields ?? []).filter(
        ({ name }) => fields.length === 0 || fields.includes(name.value)
      )
    }
  ]
}

const slice = visit(
  { kind: Kind.DOCUMENT, definitions: definitions.flatMap(cut) },
  {
    enter: (node) => {
      if (!("description" in node || "directives" in node)) return undefined
      const { description: _, ...rest } = node as typeof node & { readonly description?: unknown }
      return "directives" in rest && rest.directives !== undefined
        ? {
            ...rest,
            directives: (rest.directives as ReadonlyArray<ConstDirectiveNode>).filter(isDeprecation)
          }
        : rest
    }
  }
)
const missing = Object.keys(wanted).filter(
  (name) => !slice.definitions.some((one) => "name" in one && one.name?.value === name)
)
if (missing.length > 0) throw new Error(`Not in the schema: ${missing.join(", ")}`)
writeFileSync(
  new URL("./github-slice.graphql", import.meta.url),
  `# @octokit/graphql-schema 15.26.1, schema.graphql, cut down by extract.ts\n\n${print(slice)}\n`
)
