import { Option } from "effect"
import { describe, expect, it } from "vitest"
import { reviewFiles } from "../../src/model/Rules.ts"
import type { ChangedFile } from "../../src/review/Diff.ts"
import { changedFile, newFile, withoutPatch } from "../review/Patches.ts"

const megabyte = 1024 * 1024

const added = (path: string): ChangedFile => withoutPatch(path, { status: "added" })

const found = (file: ChangedFile, size?: number): ReadonlyArray<string> =>
  reviewFiles([file], new Map(size === undefined ? [] : [[file.path, size]])).map(
    ({ line, path, rule, severity }) => {
      expect(path).toBe(file.path)
      expect(line).toEqual(Option.none())
      return `${rule} ${severity}`
    }
  )

describe("files that don't belong into a repository", () => {
  it.each([
    ["deploy/id_rsa", "key-file critical"],
    ["id_ed25519", "key-file critical"],
    ["android/release.keystore", "key-file critical"],
    ["cert.p12", "key-file critical"],
    [".netrc", "key-file critical"],
    ["home/.aws/credentials", "key-file critical"],
    ["test/fixtures/client.p12", "key-file medium"],
    [".env", "environment-file high"],
    ["apps/web/.env.production", "environment-file high"],
    [".env.local", "environment-file high"],
    [".env.development", "environment-file medium"],
    [".env.test", "environment-file low"],
    [".DS_Store", "dropping low"],
    ["src/.a.ts.swp", "dropping low"],
    ["src/a.ts.orig", "dropping low"],
    ["npm-debug.log", "dropping low"],
    ["backup.sql.gz", "database-dump high"],
    ["db/prod-dump.sql", "database-dump high"],
    ["data/app.sqlite3", "database-dump medium"]
  ])("%s: %s", (path, expected) => {
    expect(found(newFile(path, "x"))).toContain(expected)
  })

  it.each([
    "id_rsa.pub",
    "debug.keystore",
    ".env.example",
    ".env.sample",
    ".env.template",
    ".env.production.example",
    ".envrc",
    "src/env.ts",
    "environment.ts",
    "src/keystore.ts",
    "db/migrations/001_create.sql",
    "dump.ts",
    "original.ts",
    "core.ts",
    "README.md"
  ])("has nothing to say of %s", (path) => {
    expect(found(newFile(path, "x"))).toEqual([])
  })

  it("takes a .pem for a key unless it shows a certificate", () => {
    expect(found(newFile("ca.pem", "-----BEGIN CERTIFICATE-----"))).toEqual([])
    expect(found(newFile("server.pem", `-----BEGIN PRIVATE${" "}KEY-----`))).toEqual(["key-file critical"])
    expect(found(added("server.pem"))).toEqual(["key-file critical"])
  })

  it.each<[string, ChangedFile, number | undefined, ReadonlyArray<string>]>([
    ["a large archive", added("a.zip"), 5 * megabyte, ["large-binary medium"]],
    ["a small archive", added("a.zip"), 1000, []],
    ["an archive of unknown size", added("a.zip"), undefined, ["large-binary low"]],
    ["a large picture", added("a.png"), 5 * megabyte, ["large-binary low"]],
    ["a picture of unknown size", added("a.png"), undefined, []],
    ["an empty source file", added("a.py"), undefined, []],
    ["a changed archive of unknown size", withoutPatch("a.zip"), undefined, []],
    ["a changed archive that is large", withoutPatch("a.zip"), 5 * megabyte, ["large-binary medium"]],
    [
      "a moved archive",
      withoutPatch("a.zip", { status: "renamed", previousPath: Option.some("b.zip") }),
      5 * megabyte,
      []
    ]
  ])("judges %s", (_, file, size, expected) => {
    expect(found(file, size)).toEqual(expected)
  })

  it("tells a committed folder of dependencies once", () => {
    const files = ["a.js", "b.js", "c/d.js"].map((name) => newFile(`web/node_modules/x/${name}`, "x"))
    const findings = reviewFiles(files, new Map())
    expect(findings.map(({ rule, title }) => [rule, title])).toEqual([
      ["installed-files", "The folder `web/node_modules/` is committed"]
    ])
    expect(findings[0]?.message).toContain("3 files")
  })

  it("says nothing of what was there before", () => {
    expect(found(changedFile(".env", "A=1\n", "A=2\n"))).toEqual([])
    expect(found(changedFile(".env", "A=1\n", ""))).toEqual([])
    const moved = { status: "renamed", previousPath: Option.some("old/.env") } as const
    expect(found(withoutPatch("new/.env", moved))).toEqual([])
    expect(found(withoutPatch(".env", { ...moved, previousPath: Option.some("env.txt") }))).toEqual([
      "environment-file high"
    ])
  })
})
