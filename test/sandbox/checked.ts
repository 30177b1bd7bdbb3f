/** A sandbox for one test, whose answers must all be as GitHub documents them. */
import { Effect, type Scope } from "effect"
import { Sandbox, type SandboxOptions, type SandboxService } from "../../src/sandbox/Sandbox.ts"
import { assertAnswersConform } from "./openapi/Contract.ts"

export const checked = <E>(
  body: (sandbox: SandboxService) => Effect.Effect<void, E, Scope.Scope>,
  options: SandboxOptions = {}
) =>
  Effect.gen(function* () {
    const sandbox = yield* Sandbox.make(options)
    yield* body(sandbox)
    assertAnswersConform(yield* sandbox.journal.entries)
  })
