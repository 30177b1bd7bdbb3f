/** A test that was switched off without a word of why, as happens while working on something else. */
import { Option } from "effect"
import { type AddedLine, type Hit, lineRule } from "./Rule.ts"
import { isGoTest, isJavascriptTest, isJavaTest, isPythonTest, isRspec } from "./TestFile.ts"

type Find = (line: AddedLine) => RegExpExecArray | null

/** With a title as first argument: `test.skip(condition, reason)` of Playwright is a decision, not an accident. */
const javascript: Find = ({ code }) =>
  /(?<![\w$.])(describe|context|suite|it|test|specify)(\.\w+)?\.skip(?=\s*\(\s*["'`])/.exec(code) ??
  /(?<![\w$.])x(it|describe|context|specify|test)(?=\s*\(\s*["'`])/.exec(code)

const finders: ReadonlyArray<readonly [concerns: (path: string) => boolean, find: Find]> = [
  [isJavascriptTest, javascript],
  [isPythonTest, ({ code }) => /^\s*@pytest\.mark\.skip(\(\s*\))?\s*$/.exec(code)],
  [isGoTest, ({ code }) => /\b[tb]\.(Skip\(\)|SkipNow\(\))/.exec(code)],
  [isJavaTest, ({ code }) => /^\s*@(Disabled|Ignore)\s*$/.exec(code)],
  [
    isRspec,
    ({ code }) => /^\s*x(it|describe|context|specify|example|feature|scenario)(?=[\s(]+["'A-Z:])/.exec(code)
  ]
]

/** A comment on the line or above it is taken for the reason. */
const hasComment = (text: string, code: string): boolean =>
  /(\/\/|\/\*|#|^\s*\*)/.test(text) && !/(\/\/|\/\*|#|^\s*\*)/.test(code)

const isExplained = (line: AddedLine): boolean =>
  hasComment(line.text, line.code) ||
  Option.exists(line.previous, ({ text, code }) => code.trim() === "" && hasComment(text, code))

const hit = (what: string): Hit => ({
  rule: "skipped-test",
  severity: "low",
  title: `A test is switched off without a reason (\`${what}\`)`,
  message:
    "From now on this test is not run, and nothing says why or until when. If it is meant, say why in a comment or as the " +
    "reason that the runner shows; if not, switch it on again."
})

export const skippedTest = lineRule(
  "skipped-test",
  (path) => finders.some(([concerns]) => concerns(path)),
  (line) => {
    const find = finders.find(([concerns]) => concerns(line.path))?.[1]
    return Option.fromNullable(find?.(line)).pipe(
      Option.filter(() => !isExplained(line)),
      Option.map(([found]) => hit(found.trim()))
    )
  }
)
