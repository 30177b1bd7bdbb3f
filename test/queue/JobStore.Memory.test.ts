import * as Memory from "../../src/queue/JobStore/Memory.ts"
import { suite } from "./JobStoreSuite.ts"

suite("memory", () => Memory.layer)
