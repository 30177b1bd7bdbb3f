/**
 * Statements that stop a program for a debugger or dump a value, left from a session of work.
 *
 * Plain output such as `console.log` is not among them: as often as not it is what the program is for.
 */
import { Option } from "effect"
import { isTestPath } from "../../review/FileFilter/Names.ts"
import type { Severity } from "../../review/Finding.ts"
import { type Language, languageOf } from "./Language.ts"
import { type AddedLine, type Hit, lineRule } from "./Rule.ts"

interface Leftover {
  /** Matches in code whose strings and comments are blanked out. */
  readonly pattern: RegExp
  readonly stops: boolean
  readonly severity: Severity
  /** Also in tests, where dumping a value is nobody's harm. */
  readonly inTests: boolean
}

const stops = (pattern: RegExp, severity: Severity = "high"): Leftover => ({
  pattern,
  stops: true,
  severity,
  inTests: true
})
const dumps = (pattern: RegExp): Leftover => ({ pattern, stops: false, severity: "medium", inTests: false })

const leftovers: { readonly [L in Language]?: ReadonlyArray<Leftover> } = {
  javascript: [
    // Browsers and Node stop here only with a debugger attached.
    stops(/(?<=^|[;{})]|\belse)\s*(debugger)\s*(?=;|\}|$)/, "medium"),
    stops(/(?<=^|[;{}]|\bawait)\s*((?:page|cy)\.pause\(\))/, "medium")
  ],
  python: [
    stops(/(?<![\w.])(breakpoint\(\))/),
    stops(/(?<![\w.])((?:i?pdb|pudb|wdb|web_pdb|rpdb)\.set_trace\([^)]*\))/)
  ],
  ruby: [stops(/(?<![\w.])(binding\.(?:pry(?:_remote)?|irb|break)\b)/), stops(/^\s*(byebug|debugger)\s*$/)],
  php: [
    stops(/(?<=^|[;{}])\s*(xdebug_break\(\))/),
    dumps(/(?<=^|[;{}])\s*(?<what>var_dump|dd|ddd)\s*(?=\()/)
  ],
  go: [stops(/(?<![\w.])(runtime\.Breakpoint\(\))/)],
  rust: [dumps(/(?<![\w!])(dbg!)(?=\s*\()/)],
  csharp: [stops(/(?<![\w])((?:System\.Diagnostics\.)?Debugger\.(?:Break|Launch)\(\))/)],
  elixir: [stops(/(?<![\w.])((?:require IEx;\s*)?IEx\.pry(?:\(\))?)/)],
  c: [stops(/(?<![\w])(__debugbreak\(\)|__builtin_debugtrap\(\)|DebugBreak\(\))/)]
}

/** Whether the statement fills its line, so that the line can go with it. */
const fillsLine = ({ code, text, path }: AddedLine, what: string): boolean => {
  const statement = code.trim().replace(/;$/, "").trim()
  const importsFirst = languageOf(path) === "python" ? /^import \w+;\s*/ : /^$/
  return text.trim() === code.trim() && statement.replace(importsFirst, "").replace(/^await\s+/, "") === what
}

/** Whether the line before may end a statement of its own. After `if (x)` or `def f():` the body would be missing. */
const bodyRemains = ({ previous, path }: AddedLine): boolean =>
  Option.match(previous, {
    onNone: () => false,
    onSome: ({ code }) =>
      languageOf(path) === "python" ? !/:\s*$/.test(code) : !/(\)|\belse|=>|\bdo)\s*$/.test(code)
  })

const messageOf = (line: AddedLine, leftover: Leftover, what: string): string => {
  if (!leftover.stops) return `\`${what}\` prints a value while debugging, and users may get to see it.`
  return languageOf(line.path) === "javascript"
    ? `\`${what}\` halts the program for everybody who has a debugger or the developer tools open.`
    : `\`${what}\` stops the program to wait for a debugger. Where none is attached, it hangs or fails.`
}

const hit = (line: AddedLine, leftover: Leftover, what: string): Hit => ({
  rule: "debugger-leftover",
  severity: leftover.severity,
  title: leftover.stops
    ? `A breakpoint is left in (\`${what}\`)`
    : `A debugging dump is left in (\`${what}\`)`,
  message: `${messageOf(line, leftover, what)} Remove it before merging.`,
  ...(leftover.stops && fillsLine(line, what) && bodyRemains(line) ? { suggestion: "" } : {})
})

export const debuggerLeftover = lineRule(
  "debugger-leftover",
  (path) => leftovers[languageOf(path)] !== undefined && !/\.d\.[cm]?ts$/.test(path),
  (line) => {
    for (const leftover of leftovers[languageOf(line.path)] ?? []) {
      const what = leftover.pattern.exec(line.code)?.[1]
      if (what === undefined || (!leftover.inTests && isTestPath(line.path))) continue
      return Option.some(hit(line, leftover, what))
    }
    return Option.none()
  }
)
