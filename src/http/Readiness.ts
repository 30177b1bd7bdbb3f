/** Whether this process should be sent requests. The composition says when it begins to shut down. */
import { Context, Effect, Layer, Ref } from "effect"

export class Readiness extends Context.Tag("holdfast/Readiness")<
  Readiness,
  {
    readonly isDraining: Effect.Effect<boolean>
    /** From now on the process is not ready, and asks its clients to connect elsewhere. */
    readonly startDraining: Effect.Effect<void>
  }
>() {
  static readonly layer: Layer.Layer<Readiness> = Layer.effect(
    Readiness,
    Effect.map(Ref.make(false), (draining) => ({
      isDraining: Ref.get(draining),
      startDraining: Ref.set(draining, true)
    }))
  )
}
