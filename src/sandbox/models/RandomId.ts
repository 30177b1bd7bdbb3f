import { randomBytes } from "node:crypto"

/** As in `msg_0f3a…`, in the manner of the vendors. */
export const randomId = (prefix: string): string => `${prefix}_${randomBytes(12).toString("hex")}`
