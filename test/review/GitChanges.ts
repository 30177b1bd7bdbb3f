/** What `git diff` says of changes to files of all kinds, made by git in a repository of its own. */
import { execFileSync } from "node:child_process"
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import type { Change } from "./RandomChanges.ts"

/** What is in the files, by path. A link has its target, a submodule what git shows of it. */
export type Texts = ReadonlyMap<string, string>

export interface GitChanges {
  readonly before: Texts
  readonly after: Texts
  /** With file names in octal numbers, as git has it by default. */
  readonly diff: string
  /** With file names as they are, as far as git does that. */
  readonly diffUnquoted: string
}

const git = (folder: string, ...args: ReadonlyArray<string>): string =>
  execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@t", ...args], {
    cwd: folder,
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
    env: { PATH: process.env["PATH"] ?? "", GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" }
  })

const requireGit = (): void => {
  try {
    git(tmpdir(), "--version")
  } catch (cause) {
    throw new Error("git is not on the PATH, and this test makes its diffs with it: install git", { cause })
  }
}

const write = (path: string, text: string): void => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

const isNew = ({ kind }: Change): boolean => kind === "new" || kind === "empty"

/** Leaves what is at a path as it is after the change. */
const change = (path: string, { after, kind, name }: Change): void => {
  switch (kind) {
    case "edit":
    case "new":
    case "filled":
      write(path, after)
      break
    case "empty":
    case "emptied":
      write(path, "")
      break
    case "gone":
      rmSync(path)
      break
    case "mode":
      write(path, after)
      chmodSync(path, 0o755)
      break
    case "modeOnly":
      chmodSync(path, 0o755)
      break
    case "link":
      rmSync(path)
      symlinkSync("somewhere/else", path)
      break
    case "binary":
      write(path, `\0${after}`)
      break
    case "rename":
      rmSync(path)
      write(join(dirname(path), "moved", name), after)
  }
}

const textsIn = (folder: string, submodule: string): Texts => {
  const texts = new Map([["module", `Subproject commit ${submodule}\n`]])
  for (const path of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    const file = lstatSync(join(folder, path))
    if (path.startsWith(".git/") || file.isDirectory()) continue
    texts.set(
      path,
      file.isSymbolicLink() ? readlinkSync(join(folder, path)) : readFileSync(join(folder, path), "utf8")
    )
  }
  return texts
}

/** Stages all files, and a submodule at a commit that nobody has. */
const stage = (folder: string, submodule: string): void => {
  git(folder, "add", "--all", "--force")
  git(folder, "update-index", "--add", "--cacheinfo", `160000,${submodule},module`)
}

/** Does all changes in one repository, each in a folder of its own, so that git runs a few times only. */
export const gitChanges = (changes: ReadonlyArray<Change>): GitChanges => {
  requireGit()
  const folder = mkdtempSync(join(tmpdir(), "holdfast-placement-"))
  try {
    git(folder, "init", "--quiet")
    const paths = changes.map(({ name }, index) => join(folder, String(index), name))
    const each = (visit: (path: string, change: Change) => void): void =>
      changes.forEach((one, index) => visit(paths[index] ?? "", one))
    each((path, one) => {
      if (!isNew(one)) write(path, one.kind === "filled" ? "" : one.before)
    })
    const [oldModule, newModule] = ["a".repeat(40), "b".repeat(40)]
    stage(folder, oldModule)
    git(folder, "commit", "--quiet", "--message", "before")
    const before = textsIn(folder, oldModule)
    each(change)
    stage(folder, newModule)
    const diff = (quotePath: boolean): string =>
      git(folder, "-c", `core.quotePath=${quotePath}`, "diff", "--cached", "--find-renames")
    return { before, after: textsIn(folder, newModule), diff: diff(true), diffUnquoted: diff(false) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
