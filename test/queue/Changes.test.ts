import { it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import * as Memory from "../../src/queue/JobStore/Memory.ts"
import * as Postgres from "../../src/queue/JobStore/Postgres.ts"
import * as TestDatabase from "../support/TestDatabase.ts"
import { changesLaw } from "./LoadSuite.ts"

it.live("the live ledger tells each line once, in its job's order: Memory", () =>
  Effect.provide(changesLaw, Memory.layer)
)
it.live("the live ledger tells each line once, in its job's order: Postgres", () =>
  Effect.provide(changesLaw, Layer.provide(Postgres.layer, TestDatabase.layer))
)
