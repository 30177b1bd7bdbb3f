/** A test that was focused while working on it: the runner silently leaves out all the others. */
import { Option } from "effect"
import { type AddedLine, type Hit, lineRule } from "./Rule.ts"
import { isGoTest, isJavascriptTest, isPestTest, isRspec } from "./TestFile.ts"

interface Focus {
  readonly what: string
  /** The line without the focus, where that is certain. */
  readonly suggestion?: string
}

/** Replaces what was found in the masked code at the same columns of the text. */
const replaceAt = (text: string, index: number, found: string, by: string): string =>
  text.slice(0, index) + by + text.slice(index + found.length)

/** Where the runner's functions are called, not methods of the same name on something else. */
const only =
  /(?<![\w$.])(describe|context|suite|it|test|specify|bench)((?:\.\w+){0,3}?)\.only\b(?=\s*[.(`]|\s*$)/
const focusedName = /(?<![\w$.])f(it|describe|context|specify)\s*\(\s*["'`]/
const onlyOption = /(?<![\w$.])(describe|suite|it|test)\s*\(.*[{,]\s*(only\s*:\s*true)\b/

const inJavascript = ({ code, text }: AddedLine): Option.Option<Focus> => {
  const dotOnly = only.exec(code)
  if (dotOnly !== null) {
    const at = dotOnly.index + dotOnly[0].length - ".only".length
    return Option.some({ what: dotOnly[0], suggestion: replaceAt(text, at, ".only", "") })
  }
  const named = focusedName.exec(code)
  if (named !== null) {
    return Option.some({ what: `f${named[1]}`, suggestion: replaceAt(text, named.index, "f", "") })
  }
  return onlyOption.test(code) ? Option.some({ what: "only: true" }) : Option.none()
}

const rspecName = /^(\s*)f(it|describe|context|specify|example|feature|scenario)(?=[\s(]+["'A-Z:])/
const rspecTag =
  /^\s*(?:RSpec\.)?(?:describe|context|it|specify|example|feature|scenario)\b.*(,\s*(?:focus: true|:focus(?=\s*(?:,|do\b|\)|\{|$))|:focus => true))/

const inRspec = ({ code, text }: AddedLine): Option.Option<Focus> => {
  const named = rspecName.exec(code)
  if (named !== null) {
    const at = named[1]?.length ?? 0
    return Option.some({ what: `f${named[2]}`, suggestion: replaceAt(text, at, "f", "") })
  }
  const tag = rspecTag.exec(code)?.[1]
  return tag === undefined
    ? Option.none()
    : Option.some({ what: "focus", suggestion: replaceAt(text, code.indexOf(tag), tag, "") })
}

/** Ginkgo, https://onsi.github.io/ginkgo/#focused-specs. Go's own testing package has no such thing. */
const ginkgo = /^(\s*)F(Describe|Context|When|It|Specify|Entry|DescribeTable|DescribeTableSubtree)(?=\()/

const inGo = ({ code, text }: AddedLine): Option.Option<Focus> =>
  Option.map(Option.fromNullable(ginkgo.exec(code)), (found) => ({
    what: `F${found[2]}`,
    suggestion: replaceAt(text, found[1]?.length ?? 0, "F", "")
  }))

/** Pest, https://pestphp.com/docs/filtering-tests */
const inPest = ({ code, text }: AddedLine): Option.Option<Focus> =>
  Option.map(Option.fromNullable(/->only\(\)/.exec(code)), (found) => ({
    what: "->only()",
    suggestion: replaceAt(text, found.index, found[0], "")
  }))

const find = (line: AddedLine): Option.Option<Focus> => {
  if (isJavascriptTest(line.path)) return inJavascript(line)
  if (isRspec(line.path)) return inRspec(line)
  if (isGoTest(line.path)) return inGo(line)
  return isPestTest(line.path) ? inPest(line) : Option.none()
}

const hit = (focus: Focus): Hit => ({
  rule: "focused-test",
  severity: "high",
  title: `A focused test is committed (\`${focus.what}\`)`,
  message:
    `\`${focus.what}\` makes the runner leave out the other tests. The run stays green while they are not run at all. ` +
    "Remove the focus before merging.",
  ...(focus.suggestion === undefined ? {} : { suggestion: focus.suggestion })
})

export const focusedTest = lineRule(
  "focused-test",
  (path) => isJavascriptTest(path) || isRspec(path) || isGoTest(path) || isPestTest(path),
  (line) => Option.map(find(line), hit)
)
