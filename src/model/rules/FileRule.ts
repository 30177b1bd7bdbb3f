/** A rule about files as such: what should not be in a repository, whatever its lines say. */
import { Option } from "effect"
import type { ChangedFile } from "../../review/Diff.ts"
import type { Finding } from "../../review/Finding.ts"
import type { Hit } from "./Rule.ts"

export interface FileRule {
  readonly name: string
  /** Takes all files of the pull request, and their sizes in bytes as far as they are known. */
  readonly check: (
    files: ReadonlyArray<ChangedFile>,
    sizes: ReadonlyMap<string, number>
  ) => ReadonlyArray<Finding>
}

/** Whether the file is in the repository only since this change. A file that was there before is nobody's news. */
export const isNew = (file: ChangedFile): boolean =>
  file.status === "added" || file.status === "copied" || file.status === "renamed"

/** A finding about a file as a whole. */
export const findingAbout = (path: string, hit: Omit<Hit, "suggestion">): Finding => ({
  path,
  line: Option.none(),
  startLine: Option.none(),
  ...hit,
  suggestion: Option.none()
})

/** A rule that looks at each new file by itself. A file that had such a name before it was renamed is not new to it. */
export const newFileRule = (
  name: string,
  check: (path: string, file: ChangedFile) => Option.Option<Omit<Hit, "suggestion">>
): FileRule => ({
  name,
  check: (files) =>
    files.filter(isNew).flatMap((file) => {
      const before = Option.filter(file.previousPath, () => file.status === "renamed")
      if (Option.exists(before, (path) => Option.isSome(check(path, file)))) return []
      return Option.toArray(Option.map(check(file.path, file), (hit) => findingAbout(file.path, hit)))
    })
})

export const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1)
