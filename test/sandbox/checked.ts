/** A sandbox for one test, whose answers must all be as GitHub documents them. */
import { generateKeyPairSync } from "node:crypto"
import { Effect, Redacted, type Scope } from "effect"
import { Sandbox, type SandboxOptions, type SandboxService } from "../../src/sandbox/Sandbox.ts"
import { assertAnswersConform } from "./openapi/Contract.ts"

/** One key for a whole file: making one takes longer than most tests. */
const { privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs1", format: "pem" }
})

export const checked = <E>(
  body: (sandbox: SandboxService) => Effect.Effect<void, E, Scope.Scope>,
  options: SandboxOptions = {}
) =>
  Effect.gen(function* () {
    const sandbox = yield* Sandbox.make({ privateKey: Redacted.make(privateKey), ...options })
    yield* body(sandbox)
    assertAnswersConform(yield* sandbox.journal.entries)
  })
