/** Questions to a child process that answers one after the other. */
import { Effect, Schema } from "effect"
import type { Reply } from "../programs/Protocol.ts"
import { BenchError } from "./BenchError.ts"
import type { Child } from "./Child.ts"

export const ask = <Request extends object, A, I>(
  child: Child<Request, Reply>,
  request: Request,
  answer: Schema.Schema<A, I>
): Effect.Effect<A, BenchError> =>
  Effect.gen(function* () {
    yield* child.send(request)
    const reply = yield* child.next
    if (reply._tag === "Failed") return yield* new BenchError({ message: reply.message })
    return yield* Effect.orDie(Schema.decodeUnknown(answer)(reply.value))
  })
