/** The published JSON Schema is that of the Schema which reads the file; `HOLDFAST_WRITE_SCHEMA=1` writes it anew. */
import * as fs from "node:fs"
import { Ajv } from "ajv"
import { describe, expect, it } from "vitest"
import { parse } from "yaml"
import { configSchema } from "../../src/review/RepositoryConfig/ConfigSchema.ts"

const published = "docs/holdfast.schema.json"

describe("the published JSON Schema of holdfast.yml", () => {
  it("is current", () => {
    const current = JSON.stringify(configSchema, null, 2)
    if (process.env["HOLDFAST_WRITE_SCHEMA"] === "1") fs.writeFileSync(published, `${current}\n`)
    // However it is formatted.
    expect(JSON.parse(fs.readFileSync(published, "utf8"))).toEqual(JSON.parse(current))
  })

  it("takes the example of the documentation, and refuses what the program refuses", () => {
    const validate = new Ajv({ strict: false }).compile(JSON.parse(fs.readFileSync(published, "utf8")))
    const example = /```yaml\n([\s\S]*?)```/.exec(fs.readFileSync("docs/configuration.md", "utf8"))?.[1] ?? ""
    expect(validate(parse(example))).toBe(true)
    for (const wrong of [
      { version: 2 },
      { review: { style: "rude" } },
      { review: { max_comments: -1 } },
      { skip: { labels: "no-review" } },
      { files: { max_files: 1.5 } },
      { reviews: {} }
    ]) {
      expect(validate(wrong), JSON.stringify(wrong)).toBe(false)
    }
  })
})
