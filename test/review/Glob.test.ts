import { Either, FastCheck } from "effect"
import picomatch from "picomatch"
import { describe, expect, it } from "vitest"
import { compileGitattributesGlob, compileGlob } from "../../src/review/Glob.ts"

const matches = (glob: string, path: string): boolean => Either.getOrThrow(compileGlob(glob)).matches(path)

describe("compileGlob", () => {
  it.each([
    ["dist/**", "dist/a/b.js"],
    ["dist/**", "dist/.hidden/b"],
    ["dist/", "dist/a/b.js"],
    ["/dist", "dist"],
    ["*.snap", "deep/down/.x.snap"],
    ["**/*.snap", "x.snap"],
    ["a/**/b", "a/b"],
    ["a/**/b", "a/x/y/b"],
    ["src/{db,http}/*.ts", "src/http/x.ts"],
    ["app/(shop)/*.tsx", "app/(shop)/page.tsx"],
    ["a[0-9].ts", "b/a7.ts"],
    ["a[!0-9].ts", "ax.ts"],
    ["\\*.ts", "*.ts"],
    ["a{b", "a{b"],
    ["[", "["],
    ["[z-a]", "z"],
    ["?.md", "🎉.md"],
    ["**", ".github/workflows/ci.yml"]
  ])("%s matches %s", (glob, path) => {
    expect(matches(glob, path)).toBe(true)
  })

  it.each([
    ["dist/**", "dist"],
    ["dist/**", "src/dist/a"],
    ["dist/", "dist"],
    ["/foo", "x/foo"],
    ["src/*", "src/a/b"],
    ["*.ts", "a.TS"],
    ["x/[!a]", "x//"],
    ["a?c", "a/c"],
    ["\\*.ts", "a.ts"],
    ["src/{db,http}/*.ts", "src/db,http/x.ts"]
  ])("%s does not match %s", (glob, path) => {
    expect(matches(glob, path)).toBe(false)
  })

  it.each(["", "  ", "!dist/**", "+(a|b)", "@(a)", "x".repeat(257)])("refuses “%s” with a reason", (glob) => {
    expect(Either.getLeft(compileGlob(glob))).toMatchObject({
      value: expect.stringMatching(/^(is|starts|uses) /)
    })
  })

  it("agrees with picomatch on what both know", () => {
    const name = FastCheck.stringMatching(/^[ab.]{1,3}$/).filter((text) => !/^\.+$/.test(text))
    const path = FastCheck.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join("/"))
    const part = FastCheck.oneof(
      name,
      FastCheck.constantFrom("*", "**", "*.a", "a*", "?", "a?", "[ab]", "{a,b.}")
    )
    const glob = FastCheck.array(part, { minLength: 2, maxLength: 4 })
      .map((parts) => parts.join("/"))
      // Where "a/**" ends, picomatch matches "a" as well, which is a folder and never the path of a file.
      .filter((text) => !text.endsWith("**"))
    FastCheck.assert(
      FastCheck.property(glob, path, (pattern, file) => {
        expect(matches(pattern, file)).toBe(picomatch.isMatch(file, pattern, { dot: true }))
      }),
      { numRuns: 2000 }
    )
  })

  it("compiles whatever it accepts, and matches it without an exception", () => {
    const character = FastCheck.constantFrom(..."ab/*?[]{}!^-\\.,()|+$ 🎉")
    const text = FastCheck.array(character, { minLength: 1, maxLength: 20 }).map((characters) =>
      characters.join("")
    )
    FastCheck.assert(
      FastCheck.property(text, text, (glob, path) => {
        for (const compiled of [compileGlob(glob), compileGitattributesGlob(glob)]) {
          if (Either.isRight(compiled)) expect(typeof compiled.right.matches(path)).toBe("boolean")
          else expect(compiled.left).not.toBe("can't be understood")
        }
      }),
      { numRuns: 3000 }
    )
  })

  it("survives the patterns on which backtracking matchers hang", () => {
    const path = Array.from({ length: 15 }, () => "a".repeat(255)).join("/")
    for (const glob of ["*a*a*a*a*a*a*a*b", "**/a*/**/a*/**/a*/**/b", "{a*,*a}{a*,*a}{a*,*a}{a*,*a}b"]) {
      expect(matches(glob, path)).toBe(false)
    }
  })
})

describe("compileGitattributesGlob", () => {
  it("takes braces for ordinary characters, as git does", () => {
    const glob = Either.getOrThrow(compileGitattributesGlob("*.{js,ts}"))
    expect(glob.matches("a.js")).toBe(false)
    expect(glob.matches("x/a.{js,ts}")).toBe(true)
  })
})
