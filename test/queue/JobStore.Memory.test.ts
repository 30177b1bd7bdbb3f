import * as Memory from "../../src/queue/JobStore/Memory.ts"
import { suite } from "./JobStoreSuite.ts"
import { loadSuite } from "./LoadSuite.ts"

suite("Memory", () => Memory.layer)
loadSuite("Memory", () => Memory.layer)
