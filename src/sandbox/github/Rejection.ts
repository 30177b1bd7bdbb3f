/** How GitHub says no. https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api */
import { Data } from "effect"

export class Rejection extends Data.TaggedError("Rejection")<{
  readonly status: number
  readonly message: string
  readonly errors?: ReadonlyArray<unknown>
}> {}

export const badCredentials = new Rejection({ status: 401, message: "Bad credentials" })

/** Also for what exists but may not be seen. */
export const notFound = new Rejection({ status: 404, message: "Not Found" })

export const forbidden = new Rejection({ status: 403, message: "Resource not accessible by integration" })

/** 422 as the newer endpoints, such as reviews, word it: sentences. */
export const unprocessable = (...errors: ReadonlyArray<string>): Rejection =>
  new Rejection({ status: 422, message: "Unprocessable Entity", errors })

/** 422 as the older endpoints word it: which field of which resource. */
export const validationFailed = (
  ...errors: ReadonlyArray<{
    readonly resource: string
    readonly field: string
    readonly code: string
    readonly message?: string
  }>
): Rejection => new Rejection({ status: 422, message: "Validation Failed", errors })

/** 422 for a body that does not have the documented shape. */
export const invalidRequest = (sentence: string): Rejection =>
  new Rejection({ status: 422, message: `Invalid request.\n\n${sentence}` })
