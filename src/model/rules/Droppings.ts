/** What editors, file managers, tools and databases leave behind. */
import { Option } from "effect"
import type { Severity } from "../../review/Finding.ts"
import { nameOf, newFileRule } from "./FileRule.ts"

interface Dropping {
  readonly pattern: RegExp
  readonly what: string
  readonly rule: string
  readonly severity: Severity
}

const dropping = (pattern: RegExp, what: string): Dropping => ({
  pattern,
  what,
  rule: "dropping",
  severity: "low"
})

const droppingsByName: ReadonlyArray<Dropping> = [
  dropping(/^(\.DS_Store|Thumbs\.db|desktop\.ini|\.directory)$/i, "a file of the file manager"),
  dropping(/^\..*\.sw[op]$|~$|^#.*#$|^\.#/, "a backup or swap file of an editor"),
  dropping(/\.(orig|rej)$/, "a leftover of a merge or a patch"),
  dropping(/^(npm-debug|yarn-debug|yarn-error|lerna-debug)\.log/, "a log of a package manager"),
  dropping(/\.py[co]$/, "compiled Python"),
  dropping(/^(core|core\.\d+|hs_err_pid\d+\.log)$/, "a dump of a crashed program"),
  {
    pattern: /\.(sql\.(gz|bz2|xz|zst)|pgdump|rdb|bson)$|^(.*[._-])?(dump|backup)([._-].*)?\.sql$|\.dump$/i,
    what: "a dump of a database",
    rule: "database-dump",
    severity: "high"
  },
  {
    pattern: /\.(sqlite3?|db|mdb)(-wal|-journal)?$/i,
    what: "a database",
    rule: "database-dump",
    severity: "medium"
  }
]

const advice: { readonly [rule: string]: string } = {
  dropping: "Nobody else has a use for it. Take it out and list it in `.gitignore`, or in your global one.",
  "database-dump":
    "It may hold the data of people, and it stays in the history even if a later commit removes it. Take it out of the branch " +
    "unless its content is made up."
}

export const droppings = newFileRule("dropping", (path) => {
  const name = nameOf(path)
  return Option.map(
    Option.fromNullable(droppingsByName.find(({ pattern }) => pattern.test(name))),
    ({ what, rule, severity }) => ({
      rule,
      severity,
      title: `\`${name}\` is ${what}`,
      message: `\`${path}\` is ${what}. ${advice[rule] ?? ""}`
    })
  )
})
