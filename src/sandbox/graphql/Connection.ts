/** https://docs.github.com/en/graphql/guides/using-pagination-in-the-graphql-api */
import { Either } from "effect"
import { type GraphqlError, type Node, Resolver } from "./Execute.ts"

const mostNodes = 100

const cursorOf = (id: number): string => Buffer.from(`cursor:v2:${id}`).toString("base64")

/** A list of objects that is read forwards, in pages. */
export const connection = <A extends { readonly id: number }>(
  name: string,
  typename: string,
  items: ReadonlyArray<A>,
  render: (item: A) => Node
): Resolver =>
  new Resolver(({ after, first }): Either.Either<Node, GraphqlError> => {
    if (typeof first !== "number") {
      return Either.left({
        type: "MISSING_PAGINATION_BOUNDARIES",
        message: `You must provide a \`first\` or \`last\` value to properly paginate the \`${name}\` connection.`
      })
    }
    if (first > mostNodes) {
      return Either.left({
        type: "EXCESSIVE_PAGINATION",
        message: `Requesting ${first} records on the \`${name}\` connection exceeds the \`first\` limit of ${mostNodes} records.`
      })
    }
    const start = typeof after === "string" ? items.findIndex(({ id }) => cursorOf(id) === after) + 1 : 0
    if (typeof after === "string" && start === 0) {
      return Either.left({
        type: "INVALID_CURSOR_ARGUMENTS",
        message: `\`${after}\` does not appear to be a valid cursor.`
      })
    }
    const page = items.slice(start, start + first)
    const [head, last] = [page.at(0), page.at(-1)]
    return Either.right({
      __typename: typename,
      totalCount: items.length,
      pageInfo: {
        __typename: "PageInfo",
        hasNextPage: start + first < items.length,
        hasPreviousPage: start > 0,
        startCursor: head === undefined ? null : cursorOf(head.id),
        endCursor: last === undefined ? null : cursorOf(last.id)
      },
      nodes: page.map(render)
    })
  })
