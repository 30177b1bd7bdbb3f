import { describe, expect, it } from "vitest"
import { found, suggested } from "./Reviewed.ts"

const bug = "debug" + "ger"

describe("a debugger leftover", () => {
  it.each([
    ["src/a.ts", `  ${bug};`],
    ["src/a.ts", `  ${bug}`],
    ["src/a.jsx", `if (x) { ${bug}; }`],
    ["e2e/a.spec.ts", "  await page.pa" + "use()"],
    ["a.py", "    break" + "point()"],
    ["a.py", "    import pdb; pdb.set" + "_trace()"],
    ["a.rb", "  binding.p" + "ry"],
    ["a.rb", "  bye" + "bug"],
    ["a.php", "  var_" + "dump($x);"],
    ["a.go", "\truntime.Break" + "point()"],
    ["a.rs", "  let x = db" + "g!(y);"],
    ["a.cs", "  Debugger.Bre" + "ak();"],
    ["lib/a.ex", "  require IEx; IEx.p" + "ry"]
  ])("in %s: %s", async (path, line) => {
    expect(await found(path, "x = 1", line)).toEqual(["2 debugger-leftover"])
  })

  it.each([
    ["a string", "src/a.ts", `const word = "${bug};"`],
    ["a comment", "src/a.ts", `// ${bug};`],
    ["a name", "src/a.ts", `const ${bug} = new Tool()`],
    ["a property", "src/a.ts", `options.${bug} = true`],
    ["a key", "src/a.ts", `  ${bug}: true,`],
    ["an argument", "src/a.ts", `start(${bug})`],
    ["JSX text", "src/a.tsx", `<p>Don't use the ${bug}; use logs</p>`],
    ["a docstring", "a.py", `"""\nbreak${"point()"}\n"""`],
    ["a method of that name", "a.py", "self.break" + "point()"],
    ["a definition", "a.php", `function ${"d" + "d"}($x) {`],
    ["a call of something else", "a.php", "$this->var_" + "dump($x);"],
    ["a dump in a test", "tests/ATest.php", "  var_" + "dump($x);"],
    ["plain output", "src/a.ts", "  console.log(x)"],
    ["prose", "docs/debugging.md", `${bug};`],
    ["declarations", "types/a.d.ts", `  ${bug}`]
  ])("is not seen in %s", async (_, path, text) => {
    expect(await found(path, ...text.split("\n"))).toEqual([])
  })

  it("is suggested to be deleted where it stands alone", async () => {
    expect(await suggested("src/a.ts", "start()", `  ${bug};`.replace(";", ""))).toBeUndefined()
    expect(await suggested("src/a.ts", "start();", `  ${bug};`)).toBe("")
    expect(await suggested("a.py", "x = 1", "break" + "point()")).toBe("")
    expect(await suggested("a.py", "x = 1", "import pdb; pdb.set" + "_trace()")).toBe("")
  })

  it.each([
    ["src/a.ts", `if (x)\n  ${bug};`],
    ["src/a.ts", `else\n  ${bug};`],
    ["src/a.ts", `${bug}; next();`],
    ["src/a.ts", `start();\n${bug}; // why`],
    ["src/a.ts", `${bug};`],
    ["a.py", "def f():\n    break" + "point()"]
  ])("is not suggested to be deleted where that could break something: %s", async (path, text) => {
    expect(await suggested(path, ...text.split("\n"))).toBeUndefined()
  })
})
