/** A git repository in a temporary folder, and the built program run in it: what it prints, apart, and how it ends. */
import { execFileSync, spawn, spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { Effect, type Scope } from "effect"
import { inject } from "vitest"

/** Nobody's configuration but the repository's own, and somebody to commit as. */
const gitEnvironment = {
  PATH: process.env["PATH"] ?? "",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_SYSTEM: "/dev/null",
  GIT_AUTHOR_NAME: "Ada",
  GIT_AUTHOR_EMAIL: "ada@example.com",
  GIT_COMMITTER_NAME: "Ada",
  GIT_COMMITTER_EMAIL: "ada@example.com"
}

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
}

/** Runs `holdfast <args>` to its end. */
export const holdfast = (
  args: ReadonlyArray<string>,
  { cwd = os.tmpdir(), env = {}, input }: RunOptions = {}
): Effect.Effect<Ran> =>
  Effect.async((resume) => {
    const child = spawn(process.execPath, [inject("builtMain"), ...args], {
      cwd,
      env: { ...gitEnvironment, ...env },
      stdio: ["pipe", "pipe", "pipe"]
    })
    let stdout = ""
    let stderr = ""
    child.stdout.setEncoding("utf8").on("data", (part: string) => {
      stdout += part
    })
    child.stderr.setEncoding("utf8").on("data", (part: string) => {
      stderr += part
    })
    // It may end without having read it.
    child.stdin.on("error", () => {})
    child.stdin.end(input ?? "")
    child.once("close", (code) => resume(Effect.succeed({ code, stdout, stderr })))
    return Effect.sync(() => child.kill("SIGKILL"))
  })

export type Files = Readonly<Record<string, string>>

export interface Repository {
  readonly folder: string
  readonly git: (...args: ReadonlyArray<string>) => string
  /** What git and its hooks say when it fails, as it has to. */
  readonly failing: (...args: ReadonlyArray<string>) => string
  /** Writes files, without telling git. */
  readonly write: (files: Files) => void
  /** Writes files and commits all there is. */
  readonly commit: (files: Files) => void
  /** Runs `holdfast review <args>` at its top, or in the folder given. */
  readonly review: (args: ReadonlyArray<string>, options?: RunOptions) => Effect.Effect<Ran>
}

const at = (folder: string): Repository => {
  const git = (...args: ReadonlyArray<string>) =>
    execFileSync("git", args, { cwd: folder, encoding: "utf8", env: gitEnvironment })
  const failing = (...args: ReadonlyArray<string>) => {
    const { status, stderr, stdout } = spawnSync("git", args, {
      cwd: folder,
      encoding: "utf8",
      env: gitEnvironment
    })
    if (status === 0) throw new Error(`git ${args.join(" ")} did not fail:\n${stdout}${stderr}`)
    return `${stdout}${stderr}`
  }
  const write = (files: Files) => {
    for (const [name, content] of Object.entries(files)) {
      fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
      fs.writeFileSync(path.join(folder, name), content)
    }
  }
  return {
    folder,
    git,
    failing,
    write,
    commit: (files) => {
      write(files)
      git("add", "--all")
      git("commit", "--quiet", "--allow-empty", "--message", "A commit")
    },
    review: (args, options) => holdfast(["review", ...args], { cwd: folder, ...options })
  }
}

/** A folder that is gone with the scope. */
export const folder: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "holdfast-repository-")))),
  (made) => Effect.sync(() => fs.rmSync(made, { recursive: true, force: true }))
)

/** With one commit, on `main`, of these files; without files there is no commit. */
export const repository = (files?: Files): Effect.Effect<Repository, never, Scope.Scope> =>
  Effect.map(folder, (made) => {
    const repo = at(made)
    repo.git("init", "--quiet", "--initial-branch", "main")
    if (files !== undefined) repo.commit(files)
    return repo
  })
