import * as SqlClient from "@effect/sql/SqlClient"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import * as TestDatabase from "../support/TestDatabase.ts"

layer(TestDatabase.layer, { excludeTestServices: true })("Database", (it) => {
  it.effect("starts with the product's tables", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const rows = yield* sql`select count(*)::int as n from review_jobs`
      assert.deepStrictEqual(rows, [{ n: 0 }])
    })
  )
})
