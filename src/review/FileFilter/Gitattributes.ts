/**
 * What `.gitattributes` says about generated and vendored files.
 *
 * https://git-scm.com/docs/gitattributes and
 * https://github.com/github-linguist/linguist/blob/main/docs/overrides.md. Later lines win over earlier ones. The text is the
 * base commit's: the change under review must not decide what is reviewed of it.
 */
import { Either, Option } from "effect"
import { compileGitattributesGlob, type Glob } from "../Glob.ts"

export interface Gitattributes {
  /** Some when the file says so, either way; none when it is silent. */
  readonly isGenerated: (path: string) => Option.Option<boolean>
  readonly isVendored: (path: string) => Option.Option<boolean>
}

/** Git ignores lines over 2,048 bytes, and files over 100 MB; a review needs no more rules than this. */
const maxLineLength = 2048
const maxRules = 2000

interface Rule {
  readonly glob: Glob
  readonly value: boolean
}

const patternAndAttributes = /^\s*(?:"((?:\\.|[^"\\])*)"|(\S+))\s+(.+)$/

const valueOf = (attributes: string, name: string): Option.Option<boolean> => {
  let value = Option.none<boolean>()
  for (const attribute of attributes.split(/\s+/)) {
    if (attribute === name || attribute === `${name}=true`) value = Option.some(true)
    else if (attribute === `-${name}` || attribute === `${name}=false`) value = Option.some(false)
  }
  return value
}

const rulesFor = (text: string, name: string): ReadonlyArray<Rule> => {
  const rules: Array<Rule> = []
  for (const line of text.split(/\r?\n/)) {
    if (rules.length >= maxRules || line.length > maxLineLength || /^\s*(#|\[attr\])/.test(line)) continue
    const [, quoted, plain, attributes] = patternAndAttributes.exec(line) ?? []
    const pattern = quoted?.replace(/\\(.)/g, "$1") ?? plain
    if (pattern === undefined || attributes === undefined) continue
    const value = valueOf(attributes, name)
    const glob = compileGitattributesGlob(pattern)
    if (Option.isSome(value) && Either.isRight(glob)) rules.push({ glob: glob.right, value: value.value })
  }
  return rules
}

const lastOf = (rules: ReadonlyArray<Rule>, path: string): Option.Option<boolean> =>
  Option.fromNullable(rules.findLast((rule) => rule.glob.matches(path))?.value)

/** Reads the text of the `.gitattributes` at the root of the repository. Lines that make no sense say nothing. */
export const parseGitattributes = (text: string): Gitattributes => {
  const generated = rulesFor(text, "linguist-generated")
  const vendored = rulesFor(text, "linguist-vendored")
  return {
    isGenerated: (path) => lastOf(generated, path),
    isVendored: (path) => lastOf(vendored, path)
  }
}

/** For a repository without one. */
export const noGitattributes: Gitattributes = parseGitattributes("")
