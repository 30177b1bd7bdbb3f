/**
 * Statements whose plan the server keeps: planning the queue's larger statements takes as long as running them.
 *
 * A statement asks for it by the comment that `preparedAs` makes. Behind a pooler in transaction mode the next statement
 * of a connection may reach a server that has not seen the first. The server refuses it then, before anything is
 * done; it is sent again as it is, and the pool goes on without kept plans.
 */
import * as crypto from "node:crypto"
import { Predicate } from "effect"
import type pg from "pg"

/**
 * The comment that a statement begins with, which is not to be used within a transaction. The statement's text must be
 * the same each time, but for the values of its parameters.
 */
export const preparedAs = (name: string): string => `/* prepared: ${name} */ `

const marked = /^\s*\/\* prepared: ([\w.]+) \*\//

/** invalid_sql_statement_name, duplicate_prepared_statement */
const notKept = new Set<unknown>(["26000", "42P05"])

const nameOf = (text: string): string | undefined => {
  const name = marked.exec(text)?.[1]
  if (name === undefined) return undefined
  return `${name}:${crypto.createHash("sha256").update(text).digest("base64url").slice(0, 12)}`
}

/** Has the pool's connections keep the plans of the statements that ask for it. */
export const keepPlans = (pool: pg.Pool): void => {
  const names = new Map<string, string>()
  let kept = true
  pool.on("connect", (client) => {
    const query = client.query
    // The one form in which @effect/sql-pg sends a statement with parameters; all others go through as they are.
    client.query = (...args: ReadonlyArray<unknown>) => {
      const [text, values, callback] = args
      const send = (...all: ReadonlyArray<unknown>) => Reflect.apply(query, client, all)
      if (!kept || typeof text !== "string" || !Predicate.isFunction(callback)) return send(...args)
      const name = names.get(text) ?? nameOf(text)
      if (name === undefined) return send(...args)
      names.set(text, name)
      return send({ name, text, values }, (error: unknown, result: unknown) => {
        if (!Predicate.hasProperty(error, "code") || !notKept.has(error.code)) return callback(error, result)
        kept = false
        send(text, values, callback)
      })
    }
  })
}
