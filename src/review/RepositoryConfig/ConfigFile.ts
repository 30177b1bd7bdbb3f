/** The shape of `holdfast.yml`, and what may stand in each place, in words for the person who wrote it. */
import { Option, Schema } from "effect"
import { Severity } from "../Finding.ts"
import { globFault } from "../Glob.ts"
import { titlePatternFault } from "../TitlePattern.ts"

/** Says what was expected, in place of the schema's own words. */
const expecting = <A, I>(schema: Schema.Schema<A, I>, what: string): Schema.Schema<A, I> =>
  schema.annotations({ message: () => ({ message: `must be ${what}`, override: true }) })

const oneOf = <const L extends readonly [string, ...Array<string>]>(...values: L) =>
  expecting(Schema.Literal(...values), `one of ${values.join(", ")}`)

const flag = expecting(Schema.Boolean, "true or false")

const count = (least: number, most: number) =>
  expecting(Schema.Int.pipe(Schema.between(least, most)), `a whole number from ${least} to ${most}`)

const text = (most: number) =>
  expecting(Schema.String.pipe(Schema.maxLength(most)), `a text of at most ${most} characters`)

const listOf = <A, I>(item: Schema.Schema<A, I>, most: number) =>
  Schema.Array(item)
    .annotations({ message: () => "must be a list" })
    .pipe(Schema.filter((items) => (items.length <= most ? undefined : `must have at most ${most} entries`)))

const checked = (fault: (text: string) => Option.Option<string>) =>
  expecting(Schema.String, "a text").pipe(Schema.filter((value) => Option.getOrUndefined(fault(value))))

const glob = checked(globFault)
const titlePattern = checked(titlePatternFault)

const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { exact: true })

const section = <Fields extends Schema.Struct.Fields>(fields: Fields) =>
  Schema.optionalWith(
    Schema.Struct(fields).annotations({ message: () => "must be a section with keys of its own" }),
    { exact: true }
  )

const Style = oneOf("chill", "balanced", "strict")

export const ConfigFile = Schema.Struct({
  version: optional(expecting(Schema.Literal(1), "1, the only version there is")),
  enabled: optional(flag),
  review: section({
    style: optional(Style),
    min_severity: optional(oneOf(...Severity.literals)),
    max_comments: optional(count(0, 200)),
    on_push: optional(oneOf("incremental", "full", "off")),
    debounce_seconds: optional(count(0, 3600)),
    language: optional(
      expecting(
        Schema.String.pipe(Schema.pattern(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/)),
        "a language such as en or pt-BR"
      )
    ),
    instructions: optional(text(20_000)),
    path_instructions: optional(listOf(Schema.Struct({ path: glob, instructions: text(5_000) }), 50)),
    context_files: optional(listOf(text(500), 20))
  }),
  skip: section({
    drafts: optional(flag),
    bots: optional(flag),
    labels: optional(listOf(text(100), 50)),
    titles: optional(listOf(titlePattern, 20)),
    base_branches: optional(listOf(glob, 50))
  }),
  files: section({
    ignore: optional(listOf(glob, 200)),
    generated: optional(oneOf("skip", "review")),
    max_files: optional(count(1, 3000))
  }),
  limits: section({
    max_tokens: optional(count(1, 100_000_000))
  }),
  output: section({
    summary: optional(flag),
    suggestions: optional(flag),
    check_on_findings: optional(oneOf("success", "neutral", "failure"))
  })
}).annotations({ message: () => "must consist of keys and values" })
export type ConfigFile = typeof ConfigFile.Type
