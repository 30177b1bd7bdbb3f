/** Adding, releasing and removing faults. */
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { Effect, Option, Schema } from "effect"
import { FaultRule, type Faults } from "../Faults.ts"
import { NotThere } from "./NotThere.ts"

const json = HttpServerResponse.unsafeJson

export const faultRoutes = (faults: Faults) => {
  const find = Effect.gen(function* () {
    const { id } = yield* HttpRouter.schemaPathParams(Schema.Struct({ id: Schema.NumberFromString }))
    const found = yield* faults.get(id)
    return yield* Option.match(found, {
      onNone: () => new NotThere({ message: `there is no fault ${id}` }),
      onSome: Effect.succeed
    })
  })
  const add = Effect.gen(function* () {
    const rule = yield* HttpServerRequest.schemaBodyJson(FaultRule)
    const { id } = yield* faults.add(rule)
    return json({ id }, { status: 201 })
  })
  const removed = json({})
  return HttpRouter.empty.pipe(
    HttpRouter.get(
      "/faults",
      Effect.map(faults.list, (all) => json(all))
    ),
    HttpRouter.post("/faults", add),
    HttpRouter.del("/faults", Effect.as(faults.clear, removed)),
    HttpRouter.del(
      "/faults/:id",
      Effect.flatMap(find, (one) => Effect.as(one.remove, removed))
    ),
    HttpRouter.post(
      "/faults/:id/release",
      Effect.flatMap(find, (one) => Effect.as(one.release, removed))
    )
  )
}
