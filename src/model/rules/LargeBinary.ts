/** Files that are not text: each version of them stays in every clone for good. */
import { Option } from "effect"
import type { ChangedFile } from "../../review/Diff.ts"
import { isBinaryName, isImageName } from "../../review/FileFilter/Names.ts"
import type { Finding, Severity } from "../../review/Finding.ts"
import { type FileRule, findingAbout, isNew } from "./FileRule.ts"

/** A binary file from this size on is reported. */
const largeBytes = 1024 * 1024

const saySize = (bytes: number): string => `${(bytes / (1024 * 1024)).toFixed(1)} MB`

const isBinary = (file: ChangedFile): boolean =>
  file.hunks.length === 0 &&
  file.additions + file.deletions === 0 &&
  (file.completeness._tag === "Binary" || isBinaryName(file.path))

const finding = (path: string, severity: Severity, title: string, size: string): Finding =>
  findingAbout(path, {
    rule: "large-binary",
    severity,
    title,
    message:
      `\`${path}\`${size} becomes part of every clone for good, also after it is deleted. If it is built from something here, ` +
      "build it where it is needed; if it must be versioned, keep it in Git LFS or in an artefact store."
  })

const check = (file: ChangedFile, size: Option.Option<number>): Option.Option<Finding> => {
  const image = isImageName(file.path)
  return Option.match(size, {
    onSome: (bytes) =>
      bytes < largeBytes
        ? Option.none()
        : Option.some(
            finding(
              file.path,
              image ? "low" : "medium",
              `A binary file of ${saySize(bytes)} is committed`,
              `, ${saySize(bytes)},`
            )
          ),
    // Most small pictures are meant to be there, and so is nothing else that is usually called binary.
    onNone: () =>
      image ? Option.none() : Option.some(finding(file.path, "low", "A binary file is committed", ""))
  })
}

export const largeBinary: FileRule = {
  name: "large-binary",
  check: (files, sizes) =>
    files
      .filter((file) => (isNew(file) || file.status === "modified") && isBinary(file))
      // A changed file of unknown size is not reported: it was there before, and may be small.
      .filter((file) => file.status !== "modified" || sizes.has(file.path))
      .filter((file) => file.status !== "renamed")
      .flatMap((file) => Option.toArray(check(file, Option.fromNullable(sizes.get(file.path)))))
}
