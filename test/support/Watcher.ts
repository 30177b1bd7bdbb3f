/** Somebody who waits for the end of this process, which may be killed, and clears up after it. */
import { spawn } from "node:child_process"
import { Effect } from "effect"

/** What `$1` leaves: processes, each a file in a folder that bears its number as its name; a server; folders. */
const script = `
while kill -0 "$1" 2>&-; do sleep 1; done
shift
for file in "$1"/processes/*; do kill -KILL "$(basename "$file")"; done
kill -QUIT "$(head -n 1 "$2/postmaster.pid")"
sleep 1
rm -rf "$@"`

/**
 * While the scope lasts, a process of its own watches. When this one ends before, it kills the processes that are noted in
 * `<folder>/processes`, stops the PostgreSQL of `cluster`, and removes all folders. It can't if it is killed as well.
 */
export const watch = (left: {
  readonly folder: string
  readonly cluster: string
  readonly others?: ReadonlyArray<string>
}) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const watcher = spawn(
        "/bin/sh",
        [
          ...["-c", script, "holdfast-test-watcher", String(process.pid)],
          ...[left.folder, left.cluster, ...(left.others ?? [])]
        ],
        { detached: true, stdio: "ignore" }
      )
      watcher.unref()
      return watcher
    }),
    (watcher) => Effect.sync(() => watcher.kill())
  )
