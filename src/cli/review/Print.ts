/** The result goes to standard output and nothing else does: progress is for standard error. */
import { Console, Effect } from "effect"

/** Done once all of it is written. */
export const print = (text: string) =>
  Effect.async<void>((resume) => {
    process.stdout.write(`${text}\n`, () => resume(Effect.void))
  })

export const showProgress = (done: number, of: number) =>
  Console.error(
    done === 0 ? `Asking the model about ${of} part${of === 1 ? "" : "s"}.` : `${done} of ${of} done.`
  )
