import { Either, FastCheck } from "effect"
import { describe, expect, it } from "vitest"
import { defaultConfig, mergeConfig, repositoryLayer } from "../../src/review/EffectiveConfig.ts"
import { parseConfig, sayProblem } from "../../src/review/RepositoryConfig.ts"

/** What somebody who wrote this file is told. */
const said = (text: string): ReadonlyArray<string> =>
  Either.match(parseConfig(text), {
    onLeft: (problems) => problems.map((problem) => `error ${sayProblem("f", problem)}`),
    onRight: ({ warnings }) => warnings.map((warning) => `warning ${sayProblem("f", warning)}`)
  })

/** The example of the documentation: every key that there is. */
const complete = `version: 1
enabled: true
review:
  style: balanced            # chill | balanced | strict
  min_severity: medium       # low | medium | high | critical
  max_comments: 10
  on_push: incremental       # incremental | full | off
  debounce_seconds: 60
  language: en
  instructions: |
    Focus on correctness.
  path_instructions:
    - { path: "src/db/**", instructions: Flag unparameterised SQL. }
  context_files: [AGENTS.md]
skip: { drafts: true, bots: true, labels: [no-review], titles: ["^WIP"], base_branches: [] }
files: { ignore: ["dist/**", "**/*.snap"], generated: skip, max_files: 100 }
limits: { max_tokens: 200000 }
output: { summary: true, suggestions: true, check_on_findings: neutral }
`

describe("parseConfig", () => {
  it("takes the documented example without a word, and every key of it has an effect", () => {
    expect(said(complete)).toEqual([])
    const { file } = Either.getOrThrow(parseConfig(complete))
    const { sources, values } = mergeConfig({}, repositoryLayer(file))
    expect(Object.values(sources).every((source) => source === "repository")).toBe(true)
    expect(Object.keys(values).sort()).toEqual(Object.keys(defaultConfig).sort())
    expect(values).toEqual({
      ...defaultConfig,
      "review.instructions": "Focus on correctness.\n",
      "review.path_instructions": [{ path: "src/db/**", instructions: "Flag unparameterised SQL." }],
      "review.context_files": ["AGENTS.md"],
      "files.ignore": ["dist/**", "**/*.snap"]
    })
  })

  it.each([
    ["an empty file", ""],
    ["a comment", "# nothing yet\n"],
    ["keys without values", "review:\nskip:\n  labels:\n"],
    ["a byte order mark", "\ufeffversion: 1"]
  ])("takes %s for a file that says nothing", (_, text) => {
    expect(said(text)).toEqual([])
  })

  it.each([
    ["review:\n  style: wild", "f:2:10: review.style must be one of chill, balanced, strict"],
    ["review:\n  max_comments: -1", "f:2:17: review.max_comments must be a whole number from 0 to 200"],
    ["review:\n  max_comments: ten", "f:2:17: review.max_comments must be a whole number from 0 to 200"],
    ["review: 5", "f:1:9: review must be a section with keys of its own"],
    ["skip:\n  labels: foo", "f:2:11: skip.labels must be a list"],
    ["skip: { drafts: yes }", "f:1:17: skip.drafts must be true or false"],
    ["version: 2", "f:1:10: version must be 1, the only version there is"],
    [
      "files:\n  ignore:\n    - ok\n    - '!x'",
      "f:4:7: files.ignore[2] starts with “!”, but nothing takes back what a pattern matches"
    ],
    [
      "skip:\n  titles: ['(a']",
      "f:2:12: skip.titles[1] is not a regular expression in RE2's syntax, which has no back-references and no look-around"
    ],
    [
      "review:\n  path_instructions:\n    - path: a",
      "f:3:7: review.path_instructions[1].instructions is missing"
    ],
    [
      "a: [1\nb: 2",
      "f:2:1: not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]"
    ],
    ["enabled: true\nenabled: false", "f:2:1: not valid YAML: Map keys must be unique"],
    ["- a", "f:1:1: the file must consist of keys and values"],
    ["a: *nowhere", "f:1:1: the file has aliases that lead nowhere or repeat too much"]
  ])("says of %j: %s", (text, expected) => {
    expect(said(text)).toEqual([`error ${expected}`])
  })

  it("tells all mistakes at once", () => {
    expect(said("enabled: 1\nreview:\n  style: a\n  language: '?'\n")).toHaveLength(3)
  })

  it("warns of keys that it does not know, says what may be meant, and takes the rest", () => {
    const text = "reviews: {}\nreview:\n  max-comments: 3\n  style: chill\n  zebra: 1\n"
    expect(said(text)).toEqual([
      "warning f:1:1: reviews is not known to this version and is ignored; did you mean review?",
      "warning f:3:3: review.max-comments is not known to this version and is ignored; did you mean review.max_comments?",
      "warning f:5:3: review.zebra is not known to this version and is ignored"
    ])
    expect(Either.getOrThrow(parseConfig(text)).file.review?.style).toBe("chill")
  })

  it("does not know provider, model and keys, which a repository may not choose", () => {
    expect(said("provider: openai\napi_key: x")).toEqual([
      "warning f:1:1: provider is not known to this version and is ignored",
      "warning f:2:1: api_key is not known to this version and is ignored"
    ])
  })

  it.each([
    ["is too large", `# ${"x".repeat(40_000)}`],
    ["is nested without end", "[".repeat(30_000)],
    [
      "grows through aliases",
      "a: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c]"
    ],
    ["contains itself", "review: &r\n  x: *r"]
  ])("refuses a file that %s", (_, text) => {
    expect(said(text)[0]).toMatch(/^error f:\d+:\d+: /)
  })

  it("leaves the prototypes of objects alone", () => {
    expect(said("__proto__:\n  polluted: 1\nconstructor: 5")).toHaveLength(2)
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false)
  })

  it("answers any text with a configuration or with problems inside of the file", () => {
    const piece = FastCheck.constantFrom(
      "review",
      "style",
      "files",
      ":",
      " ",
      "\n",
      "  ",
      "- ",
      "[",
      "]",
      "{",
      "}",
      ",",
      "&a",
      "*a",
      "!!str",
      "'",
      '"',
      "|",
      "#",
      "?",
      "1",
      "true",
      "\t",
      "%",
      "---"
    )
    FastCheck.assert(
      FastCheck.property(
        FastCheck.array(piece, { maxLength: 40 }).map((pieces) => pieces.join("")),
        (text) => {
          const result = parseConfig(text)
          const problems = Either.isLeft(result) ? result.left : result.right.warnings
          for (const { column, line } of problems) {
            expect(line).toBeGreaterThanOrEqual(1)
            expect(line).toBeLessThanOrEqual(text.split("\n").length)
            expect(column).toBeGreaterThanOrEqual(1)
          }
        }
      ),
      { numRuns: 1000 }
    )
  })
})
