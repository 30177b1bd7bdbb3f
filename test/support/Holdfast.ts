/** The built program as a process, in a folder without settings of its own. */
import * as os from "node:os"
import { inject } from "vitest"
import * as Process from "../../src/cli/demo/Process.ts"

/**
 * Starts `holdfast <args>` with nothing in its environment but this and what any program needs.
 *
 * @param input what it reads from standard input
 */
export const start = (args: ReadonlyArray<string>, env: Readonly<Record<string, string>>, input?: string) =>
  Process.start({ args, env, input, cwd: os.tmpdir(), main: inject("builtMain") })
