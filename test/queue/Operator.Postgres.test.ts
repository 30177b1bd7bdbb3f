import { Layer } from "effect"
import * as Postgres from "../../src/queue/JobStore/Postgres.ts"
import { JobStore } from "../../src/queue/JobStore.ts"
import * as TestDatabase from "../support/TestDatabase.ts"
import { suite } from "./OperatorSuite.ts"

suite("Postgres", () =>
  Layer.effect(JobStore, Postgres.make({ time: "injected" })).pipe(Layer.provide(TestDatabase.layer)))
