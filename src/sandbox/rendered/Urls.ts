/** Where things are: under the API's address, and on the pages that the sandbox pretends to have. */
import { DateTime } from "effect"

export interface Urls {
  /** Without a slash at the end. */
  readonly api: string
  readonly html: string
}

/** GitHub's timestamps have no fractions of a second. */
export const isoTime = (milliseconds: number): string =>
  DateTime.formatIso(DateTime.unsafeMake(milliseconds)).replace(/\.\d{3}Z$/, "Z")

/** GitHub's opaque ids; only that they are there and differ matters. */
export const nodeId = (kind: string, id: number | string): string =>
  `${kind}_${Buffer.from(`${kind}:${id}`).toString("base64url")}`
