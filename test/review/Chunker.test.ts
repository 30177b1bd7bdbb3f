import { Effect, FastCheck, Option } from "effect"
import { describe, expect, it } from "vitest"
import type { Chunk } from "../../src/review/Chunker.ts"
import { type ChunkLimits, chunkFiles, chunkShown } from "../../src/review/Chunker.ts"
import type { ChangedFile } from "../../src/review/Diff.ts"
import { withFailedChunks } from "../../src/review/FailedChunks.ts"
import { estimateTokens, exactCounter } from "../../src/review/Tokens.ts"
import { changedFile, changedFiles, newFile } from "./Patches.ts"

const limits: ChunkLimits = { chunkTokens: 1000, maxTokens: 1_000_000, count: estimateTokens }

/** Every line of a diff with its path and numbers. */
const linesOf = (files: ReadonlyArray<ChangedFile>) =>
  files.flatMap((file) =>
    file.hunks.flatMap((hunk) => hunk.lines.map((line) => ({ path: file.path, ...line })))
  )

const linesIn = (chunks: ReadonlyArray<Chunk>) => chunks.flatMap(({ files }) => linesOf(files))

const tagsOf = (files: ReadonlyArray<ChangedFile>, some: Partial<ChunkLimits>) =>
  chunkFiles(files, { ...limits, ...some }).coverage.map((entry) => [
    entry.path,
    entry._tag === "Skipped"
      ? entry.reason._tag
      : entry._tag === "Partial"
        ? entry.reasons.map(({ _tag }) => _tag)
        : ""
  ])

describe("chunkFiles", () => {
  it("puts every line into exactly one chunk, in order, with its numbers, when no limit cuts", () => {
    FastCheck.assert(
      FastCheck.property(changedFiles, FastCheck.integer({ min: 80, max: 600 }), (files, chunkTokens) => {
        const { chunks, coverage } = chunkFiles(files, { ...limits, chunkTokens })
        expect(linesIn(chunks)).toEqual(linesOf(files))
        expect(coverage).toEqual(files.map(({ path }) => ({ _tag: "Reviewed", path })))
      }),
      { numRuns: 200 }
    )
  })

  it("never makes a chunk larger than its limit, nor all of them together larger than theirs", () => {
    FastCheck.assert(
      FastCheck.property(
        changedFiles,
        FastCheck.integer({ min: 10, max: 600 }),
        FastCheck.integer({ min: 0, max: 3000 }),
        (files, chunkTokens, maxTokens) => {
          const { chunks } = chunkFiles(files, { ...limits, chunkTokens, maxTokens })
          for (const chunk of chunks) expect(chunk.tokens).toBeLessThanOrEqual(chunkTokens)
          expect(chunks.reduce((sum, { tokens }) => sum + tokens, 0)).toBeLessThanOrEqual(maxTokens)
        }
      ),
      { numRuns: 200 }
    )
  })

  it("counts nothing any more once the limit on all tokens is reached, and skips what is left by it", () => {
    const files = ["a", "b", "c", "d"].map((name) =>
      newFile(`${name}.ts`, ...Array.from({ length: 40 }, (_, at) => `const ${name}${at} = ${at}`))
    )
    const counted = new Set<string>()
    const { coverage } = chunkFiles(files, {
      ...limits,
      maxTokens: 400,
      count: (line) => {
        counted.add(line)
        return estimateTokens(line)
      }
    })
    expect(coverage.map(({ _tag }) => _tag)).toEqual(["Reviewed", "Skipped", "Skipped", "Skipped"])
    expect(counted).toContain("const b39 = 39")
    expect([...counted].filter((line) => /^const [cd]|^[cd]\.ts$/.test(line))).toEqual([])
  })

  it("tells of every line that is in no chunk", () => {
    FastCheck.assert(
      FastCheck.property(
        changedFiles,
        FastCheck.integer({ min: 10, max: 300 }),
        FastCheck.integer({ min: 0, max: 2000 }),
        (files, chunkTokens, maxTokens) => {
          const { chunks, coverage } = chunkFiles(files, { ...limits, chunkTokens, maxTokens })
          expect(coverage.map(({ path }) => path)).toEqual(files.map(({ path }) => path))
          const present = linesIn(chunks)
          coverage.forEach((entry, index) => {
            const all = linesOf(files.slice(index, index + 1)).length
            const seen = present.filter(({ path }) => path === entry.path).length
            if (entry._tag === "Reviewed") expect(seen).toBe(all)
            if (entry._tag === "Skipped") expect(seen).toBe(0)
            if (entry._tag === "Partial") expect(seen > 0 && seen < all).toBe(true)
          })
        }
      ),
      { numRuns: 200 }
    )
  })

  it("gives every piece of a split hunk the numbers of its first line", () => {
    const before = Array.from({ length: 60 }, (_, index) => `line ${index}`)
    const after = before.flatMap((line, index) =>
      index % 3 === 0 ? [line, `new ${index}`] : index % 5 === 0 ? [] : [line]
    )
    const file = changedFile("a.ts", `${before.join("\n")}\n`, `${after.join("\n")}\n`)
    const { chunks } = chunkFiles([file], { ...limits, chunkTokens: 90 })
    expect(chunks.length).toBeGreaterThan(3)
    for (const { files } of chunks) {
      for (const hunk of files.flatMap(({ hunks }) => hunks)) {
        const first = <A>(pick: (line: (typeof hunk.lines)[number]) => Option.Option<A>) =>
          hunk.lines.map(pick).find(Option.isSome)?.value
        expect(first(({ newLine }) => newLine) ?? hunk.newStart).toBe(hunk.newStart)
        expect(first(({ oldLine }) => oldLine) ?? hunk.oldStart).toBe(hunk.oldStart)
      }
    }
  })

  it("keeps a file together where a chunk can hold it", () => {
    const files = ["a.ts", "b.ts", "c.ts"].map((path) =>
      newFile(path, ...Array.from({ length: 20 }, () => "12345"))
    )
    const { chunks } = chunkFiles(files, { ...limits, chunkTokens: 150 })
    expect(chunks.map((chunk) => chunk.files.map(({ path }) => path))).toEqual([["a.ts"], ["b.ts"], ["c.ts"]])
  })

  it("is the same on every run, and names chunks by what is in them", () => {
    const keys = (text: string) =>
      chunkFiles([newFile("a.ts", text), newFile("b.ts", "x")], limits).chunks.map(({ key }) => key)
    expect(keys("one")).toEqual(keys("one"))
    expect(keys("one")).not.toEqual(keys("two"))
  })

  it("says which limit left what out", () => {
    const files = [
      newFile("a.ts", "1", "2"),
      newFile("b.ts", ...Array.from({ length: 50 }, () => "text")),
      newFile("c.ts", "3")
    ]
    expect(tagsOf(files, { maxTokens: 100, chunkTokens: 60 })).toEqual([
      ["a.ts", ""],
      ["b.ts", ["OverTokenLimit"]],
      ["c.ts", "OverTokenLimit"]
    ])
    expect(tagsOf([newFile("min.js", "short", "x".repeat(5000))], { chunkTokens: 200 })).toEqual([
      ["min.js", ["LinesTooLong"]]
    ])
    expect(tagsOf([newFile("min.js", "x".repeat(5000))], { chunkTokens: 200 })).toEqual([
      ["min.js", "Unreadable"]
    ])
  })

  it("passes on that a diff was cut before it came here", () => {
    const cut = {
      ...newFile("a.ts", "x"),
      completeness: { _tag: "Cut", reason: "the rest is missing" } as const
    }
    expect(tagsOf([cut], {})).toEqual([["a.ts", ["DiffCut"]]])
  })
})

describe("withFailedChunks", () => {
  it("calls a file partial when another chunk of it was reviewed, and skipped when none was", () => {
    const long = newFile("long.ts", ...Array.from({ length: 60 }, () => "text"))
    const { chunks, coverage } = chunkFiles([long, newFile("b.ts", "x")], { ...limits, chunkTokens: 120 })
    const failing = (indexes: ReadonlyArray<number>) =>
      withFailedChunks(
        coverage,
        chunks,
        chunks.filter((_, index) => indexes.includes(index)).map((chunk) => ({ chunk, detail: "overloaded" }))
      ).map(({ _tag }) => _tag)
    const last = chunks.length - 1
    expect(failing([])).toEqual(["Reviewed", "Reviewed"])
    expect(failing([0])).toEqual(["Partial", "Reviewed"])
    expect(failing([last])).toEqual(["Reviewed", "Skipped"])
    expect(failing(chunks.map((_, index) => index))).toEqual(["Skipped", "Skipped"])
  })
})

describe("exactCounter", () => {
  it("counts any text, control marks of the tokenizer and long lines without breaks among them", async () => {
    const count = await Effect.runPromise(exactCounter("anthropic"))
    expect(count("")).toBe(1)
    expect(count("<|endoftext|>")).toBeGreaterThan(1)
    expect(count("const a = 1")).toBeLessThan(count("const a = 1 + someOtherName(argument)"))
    expect(count("a".repeat(200_000))).toBeGreaterThan(1000)
    expect(count("漢".repeat(20_000))).toBeGreaterThan(1000)
  })

  it("counts for OpenAI as its models do, and with a margin for those of others", async () => {
    const { countTokens } = await import("gpt-tokenizer/encoding/o200k_base")
    const lines = [
      "export const parse = (text: string): number => Number.parseInt(text, 10)",
      "    raise ValueError(f'no such account: {account_id!r}')",
      '\tif err != nil { return nil, fmt.Errorf("read %s: %w", name, err) }',
      "用户可以在配置文件中设置忽略的路径、最大的文件数量以及评论的语言。"
    ]
    const actual = countTokens(`${lines.join("\n")}\n`)
    const sum = async (provider: string) => {
      const count = await Effect.runPromise(exactCounter(provider))
      return lines.reduce((all, line) => all + count(line), 0)
    }
    expect(Math.abs((await sum("openai")) / actual - 1)).toBeLessThan(0.1)
    expect((await sum("anthropic")) / actual).toBeGreaterThan(1.2)
  })
})

describe("chunkShown", () => {
  const shout = (file: ChangedFile): ChangedFile => ({
    ...file,
    hunks: file.hunks.map((hunk) => ({
      ...hunk,
      lines: hunk.lines.map((line) => ({ ...line, text: line.text.toUpperCase() }))
    }))
  })

  it("packs what is shown as if all had been, and shows nothing behind the limit on all tokens", async () => {
    await FastCheck.assert(
      FastCheck.asyncProperty(
        changedFiles,
        FastCheck.integer({ min: 10, max: 600 }),
        FastCheck.integer({ min: 0, max: 3000 }),
        async (files, chunkTokens, maxTokens) => {
          const some = { ...limits, chunkTokens, maxTokens }
          const asked: Array<string> = []
          const show = (file: ChangedFile) =>
            Effect.sync(() => {
              asked.push(file.path)
              return shout(file)
            })
          const chunked = await Effect.runPromise(chunkShown(files, some, show))
          expect(chunked).toEqual(chunkFiles(files.map(shout), some))
          const isOver = (entry: (typeof chunked.coverage)[number]) =>
            JSON.stringify(entry).includes("OverTokenLimit")
          const first = chunked.coverage.findIndex(isOver)
          expect(asked).toEqual(files.slice(0, first < 0 ? files.length : first + 1).map(({ path }) => path))
        }
      ),
      { numRuns: 200 }
    )
  })
})
