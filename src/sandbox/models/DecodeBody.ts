/** Holds a request's body against a vendor's schema. */
import { Either, ParseResult, Schema } from "effect"
import { type Invalid, invalid } from "./Problem.ts"

type StructSchema<A, I> = Schema.Schema<A, I> & { readonly fields: object }

/** One that the vendor has not. */
const unknownParameter = (fields: object, body: unknown): string | undefined =>
  typeof body === "object" && body !== null ? Object.keys(body).find((name) => !(name in fields)) : undefined

/**
 * Parameters that the vendor has not are refused, as the vendors do, but only at the top: inside of JSON schemas there
 * is more than the published description has words for, and it is kept.
 */
export const decodeBody = <A, I>(schema: StructSchema<A, I>, body: unknown): Either.Either<A, Invalid> => {
  const unknown = unknownParameter(schema.fields, body)
  if (unknown !== undefined) return Either.left(invalid([unknown], "Unknown parameter", "unknown-parameter"))
  return Either.mapLeft(
    Schema.decodeUnknownEither(schema, { onExcessProperty: "preserve" })(body),
    (error) => {
      const issues = ParseResult.ArrayFormatter.formatErrorSync(error)
      // A union complains about each of its members; the one that fits best got deepest.
      const [issue] = issues.sort((one, other) => other.path.length - one.path.length)
      return invalid(issue?.path ?? [], issue?.message ?? "Invalid request")
    }
  )
}
