/** `holdfast.yml` as a JSON Schema, for editors: the same Schema that reads the file. Published in `docs`. */
import { JSONSchema } from "effect"
import { ConfigFile } from "./ConfigFile.ts"

export const configSchema = {
  ...JSONSchema.make(ConfigFile),
  title: "Holdfast: how this repository is reviewed"
}
