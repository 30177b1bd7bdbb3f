/** Which database this program uses: given by the operator, or made by `EmbeddedPostgres.ts`. */
import { Context, Layer, type Redacted } from "effect"

/** A `postgres://` URL. It holds the password, so it stays redacted until a driver needs it. */
export class DatabaseUrl extends Context.Tag("holdfast/DatabaseUrl")<
  DatabaseUrl,
  { readonly url: Redacted.Redacted }
>() {
  static readonly layer = (url: Redacted.Redacted): Layer.Layer<DatabaseUrl> =>
    Layer.succeed(DatabaseUrl, { url })
}
