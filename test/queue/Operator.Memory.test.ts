import * as Memory from "../../src/queue/JobStore/Memory.ts"
import { suite } from "./OperatorSuite.ts"

suite("memory", () => Memory.layer)
