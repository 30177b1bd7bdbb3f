/** What the tests know of the server that `globalSetup.ts` made ready for them. */
import { Redacted } from "effect"

/** What `globalSetup.ts` provides and tests `inject`. */
interface Ready {
  /** A URL whose user may create databases. */
  readonly serverUrl: string
  /** A database with all migrations applied. */
  readonly templateDatabase: string
  /** The built program's `main.js`. */
  readonly builtMain: string
  /** The folder of `test/queue/programs` as it is built. */
  readonly builtPrograms: string
}

declare module "vitest" {
  interface ProvidedContext extends Ready {}
}

/** The URL of one of the server's databases. */
export const urlOf = (server: string, database: string): Redacted.Redacted => {
  const url = new URL(server)
  url.pathname = `/${database}`
  return Redacted.make(url.href)
}
