/**
 * What a model is shown of the changed files: their lines without secrets and without what can't be seen.
 *
 * It is done before the files are packed into chunks, because a secret of several lines can't be known by a part of them.
 * Lines keep their numbers, so that what a model quotes is found at its place.
 */
import { Effect } from "effect"
import type { ChangedFile, DiffLine, Hunk } from "./Diff.ts"
import { withoutInvisible } from "./Neutralise.ts"
import { redactLines, redactSecrets } from "./Secrets.ts"

/** The lines of one side, as they are shown. */
const sideOf = (lines: ReadonlyArray<DiffLine>, other: DiffLine["kind"]) => {
  const side = lines.filter(({ kind }) => kind !== other)
  return Effect.map(
    redactLines(side.map(({ text }) => withoutInvisible(text))),
    (texts) => new Map(side.map((line, at) => [line, texts[at] ?? ""]))
  )
}

/**
 * Each side by itself: in between, a diff has lines that tear a secret apart. All hunks in one go: a search costs more to
 * begin than to go on with.
 */
const shownHunks = (hunks: ReadonlyArray<Hunk>) =>
  Effect.gen(function* () {
    const all = hunks.flatMap(({ lines }) => lines)
    const after = yield* sideOf(all, "removed")
    const before = yield* sideOf(all, "added")
    const textOf = (line: DiffLine): string => {
      const text = after.get(line)
      return text === undefined || text === line.text ? (before.get(line) ?? line.text) : text
    }
    // A large change has a hundred thousand lines, and next to none of them differs.
    const shown = (line: DiffLine): DiffLine => {
      const text = textOf(line)
      return text === line.text ? line : { ...line, text }
    }
    return hunks.map((hunk): Hunk => ({ ...hunk, lines: hunk.lines.map(shown) }))
  })

export const shownFile = Effect.fn("Shown.file")((file: ChangedFile) =>
  Effect.map(shownHunks(file.hunks), (hunks): ChangedFile => ({ ...file, hunks })).pipe(
    // Between files other fibers get their turn.
    Effect.zipLeft(Effect.yieldNow())
  )
)

/** A path in one line. Git takes line feeds in names, and with them a name could pass for several files. */
export const shownPath = (path: string): string => withoutInvisible(path.replace(/\s/g, " "))

/** The real paths of files by what a model is shown of them. */
export const realPaths = (files: ReadonlyArray<ChangedFile>) =>
  Effect.map(
    Effect.forEach(files, ({ path }) =>
      Effect.map(redactSecrets(shownPath(path)), (shown) => [shown, path] as const)
    ),
    (pairs): ReadonlyMap<string, string> => new Map(pairs)
  )
