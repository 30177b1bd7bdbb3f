/** Folders that a package manager or a compiler fills. */
import type { ChangedFile } from "../../review/Diff.ts"
import { type FileRule, findingAbout, isNew } from "./FileRule.ts"

const folders =
  /^(.*?(?:^|\/)(?:node_modules|bower_components|__pycache__|\.venv|\.terraform|\.gradle|\.pytest_cache|\.mypy_cache|\.next|\.nuxt))\//

const group = (files: ReadonlyArray<ChangedFile>): ReadonlyMap<string, ReadonlyArray<ChangedFile>> => {
  const groups = new Map<string, Array<ChangedFile>>()
  for (const file of files) {
    const folder = isNew(file) ? folders.exec(file.path)?.[1] : undefined
    if (folder !== undefined) groups.set(folder, [...(groups.get(folder) ?? []), file])
  }
  return groups
}

/** One finding for each folder, however many files are in it. */
export const vendoredDependencies: FileRule = {
  name: "installed-files",
  check: (files) =>
    [...group(files)].map(([folder, inside]) =>
      findingAbout(inside[0]?.path ?? folder, {
        rule: "installed-files",
        severity: "medium",
        title: `The folder \`${folder}/\` is committed`,
        message:
          `${inside.length} ${inside.length === 1 ? "file" : "files"} under \`${folder}/\` would become part of the repository. ` +
          "A tool makes them anew on each machine; list the folder in `.gitignore` and take it out with `git rm -r --cached`."
      })
    )
}
