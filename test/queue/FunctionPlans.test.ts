import { assert, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import * as TestDatabase from "../support/TestDatabase.ts"
import * as Bystander from "./situations/Bystander.ts"

const Rows = Schema.NonEmptyArray(
  Schema.Struct({ name: Schema.String, settings: Schema.Array(Schema.String) })
)

/**
 * Servers before PostgreSQL 18 count what is ruled out as very dear, and compile what is dear: an exchange took 80 ms on
 * one that can, instead of 1. The embedded server can't, so that the settings themselves are looked at.
 */
it.scopedLive("a function that rules out ways of reading has its plans made once, and not compiled", () =>
  Effect.gen(function* () {
    const { sql } = yield* Bystander.make(yield* TestDatabase.url)
    const functions = yield* sql`
      select proname as name, proconfig as settings from pg_proc
      where pronamespace = current_schema()::regnamespace and 'enable_seqscan=off' = any (proconfig)
    `.pipe(Effect.flatMap(Schema.decodeUnknown(Rows)))
    for (const { name, settings } of functions) {
      assert.includeMembers([...settings], ["jit=off", "plan_cache_mode=force_generic_plan"], name)
    }
  })
)
