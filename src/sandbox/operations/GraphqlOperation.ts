/** The one route of the GraphQL API. https://docs.github.com/en/graphql/guides/forming-calls-with-graphql */
import { Either, Schema } from "effect"
import { readDocument } from "../graphql/Document.ts"
import { execute } from "../graphql/Execute.ts"
import { type Held, mutation, query } from "../graphql/Graph.ts"
import { decodeBody, ok, operation } from "./Operation.ts"

const Body = Schema.Struct({
  query: Schema.String,
  variables: Schema.optional(Schema.NullOr(Schema.Record({ key: Schema.String, value: Schema.Unknown }))),
  operationName: Schema.optional(Schema.NullOr(Schema.String))
})

/** Below the base of the REST API for GitHub itself; `Wire.ts` knows where GitHub Enterprise Server has it. */
export const graphqlPath = "/graphql"

/** What is wrong with a document or refused is told with status 200. */
export const graphqlOperation = operation({
  id: "graphql",
  method: "POST",
  path: graphqlPath,
  access: "token",
  docs: "",
  run: (request, state) =>
    Either.gen(function* () {
      const body = yield* decodeBody(Body, request.body)
      const read = readDocument(body.query)
      if (Either.isLeft(read)) {
        return ok({ errors: [{ message: read.left.message, extensions: { code: "parseError" } }] })
      }
      const held: Held = { state }
      const root = read.right.kind === "query" ? query(state, request.viewer) : mutation(held, request.viewer)
      const { data, errors } = execute(read.right, root, body.variables ?? {})
      const answer = errors.length === 0 ? { data } : { data, errors }
      return ok(answer, held.state === state ? undefined : held.state)
    })
})
