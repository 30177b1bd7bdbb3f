/** Why the embedded database could not be had, in words for whoever starts the program. */
import type { PlatformError } from "@effect/platform/Error"
import { Data } from "effect"

/**
 * - `UnsupportedPlatform`: there are no binaries for this machine.
 * - `NoAccount`: the program runs as root, and there is no other user to run Postgres as.
 * - `Folder`: the data folder can't be used as it is.
 * - `InitFailed`, `StartFailed`: Postgres itself refused; its own words are in the message.
 */
export class EmbeddedPostgresError extends Data.TaggedError("EmbeddedPostgresError")<{
  readonly reason: "UnsupportedPlatform" | "NoAccount" | "Folder" | "InitFailed" | "StartFailed"
  readonly message: string
}> {}

/** The way out that every failure has. */
export const orUseYourOwn = "Or set DATABASE_URL to a PostgreSQL of your own."

export const folderError = (error: PlatformError): EmbeddedPostgresError =>
  new EmbeddedPostgresError({
    reason: "Folder",
    message:
      error._tag === "SystemError" && error.reason === "PermissionDenied"
        ? `The data folder can't be used: no permission for ${error.pathOrDescriptor}. It may belong to another user; run as that user, or choose another folder with HOLDFAST_DATA_DIR. ${orUseYourOwn}`
        : `The data folder can't be used: ${error.message}. Choose another folder with HOLDFAST_DATA_DIR. ${orUseYourOwn}`
  })
