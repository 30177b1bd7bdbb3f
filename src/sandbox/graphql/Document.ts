/**
 * Reads a GraphQL document of one operation: fields with aliases, arguments and selections. Fragments and directives
 * are left out. https://spec.graphql.org/October2021/#sec-Language
 */
import { Data, Either } from "effect"

export type Value =
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "literal"; readonly value: string | number | boolean | null }
  | { readonly kind: "object"; readonly fields: ReadonlyMap<string, Value> }

export interface Field {
  readonly name: string
  /** The key of the answer. */
  readonly alias: string
  readonly args: ReadonlyMap<string, Value>
  readonly selections: ReadonlyArray<Field>
}

export interface Document {
  readonly kind: "query" | "mutation"
  readonly selections: ReadonlyArray<Field>
}

export class Unreadable extends Data.TaggedError("Unreadable")<{ readonly message: string }> {}

const token = /[\s,]+|#[^\n]*|([_A-Za-z]\w*|-?\d+|"(?:[^"\\\n]|\\.)*"|\.\.\.|[!$(){}:=[\]])/gy

const tokenise = (text: string): ReadonlyArray<string> => {
  const found: Array<string> = []
  let at = 0
  for (const match of text.matchAll(token)) {
    if (match[1] !== undefined) found.push(match[1])
    at = match.index + match[0].length
  }
  if (at < text.length) throw new Unreadable({ message: `Parse error on "${text.charAt(at)}"` })
  return found
}

const isName = (text: string): boolean => /^[_A-Za-z]/.test(text)

class Reader {
  #at = 0
  readonly #tokens: ReadonlyArray<string>

  constructor(text: string) {
    this.#tokens = tokenise(text)
  }

  get #next(): string {
    return this.#tokens[this.#at] ?? "end of file"
  }

  #skip(expected: string): boolean {
    if (this.#next !== expected) return false
    this.#at++
    return true
  }

  #expect(expected: string): void {
    if (!this.#skip(expected)) throw this.#unexpected()
  }

  #unexpected(): Unreadable {
    return new Unreadable({ message: `Parse error on "${this.#next}"` })
  }

  #name(): string {
    if (!isName(this.#next) || this.#at >= this.#tokens.length) throw this.#unexpected()
    return this.#tokens[this.#at++] ?? ""
  }

  #value(): Value {
    if (this.#skip("$")) return { kind: "variable", name: this.#name() }
    if (this.#skip("{")) {
      const fields = new Map<string, Value>()
      while (!this.#skip("}")) {
        const name = this.#name()
        this.#expect(":")
        fields.set(name, this.#value())
      }
      return { kind: "object", fields }
    }
    const text = this.#next
    if (!/^["\-\dA-Za-z_]/.test(text)) throw this.#unexpected()
    this.#at++
    // A name that is no literal of JSON is one of an enumeration.
    const value: unknown = isName(text) && !/^(?:true|false|null)$/.test(text) ? text : JSON.parse(text)
    return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
      ? { kind: "literal", value }
      : { kind: "literal", value: null }
  }

  #args(): ReadonlyMap<string, Value> {
    const args = new Map<string, Value>()
    if (!this.#skip("(")) return args
    while (!this.#skip(")")) {
      const name = this.#name()
      this.#expect(":")
      args.set(name, this.#value())
    }
    return args
  }

  #selections(): ReadonlyArray<Field> {
    const fields: Array<Field> = []
    this.#expect("{")
    while (!this.#skip("}")) {
      const alias = this.#name()
      const name = this.#skip(":") ? this.#name() : alias
      const args = this.#args()
      fields.push({ name, alias, args, selections: this.#next === "{" ? this.#selections() : [] })
    }
    return fields
  }

  document(): Document {
    const kind = this.#next === "{" ? "query" : this.#name()
    if (kind !== "query" && kind !== "mutation") throw this.#unexpected()
    if (this.#next !== "{" && this.#next !== "(") this.#name()
    // The declarations of variables repeat what the fields need.
    if (this.#skip("(")) while (!this.#skip(")")) this.#declared()
    const selections = this.#selections()
    if (this.#at < this.#tokens.length) throw this.#unexpected()
    return { kind, selections }
  }

  #declared(): void {
    if (this.#at >= this.#tokens.length) throw this.#unexpected()
    this.#at++
  }
}

export const readDocument = (text: string): Either.Either<Document, Unreadable> =>
  Either.try({
    try: () => new Reader(text).document(),
    catch: (error) => (error instanceof Unreadable ? error : new Unreadable({ message: "Parse error" }))
  })
