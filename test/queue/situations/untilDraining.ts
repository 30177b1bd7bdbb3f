import { Effect, Schedule } from "effect"
import type * as Bystander from "./Bystander.ts"

/** Waits until a worker has said that it takes no more jobs. */
export const untilDraining = ({ sql }: Effect.Effect.Success<ReturnType<typeof Bystander.make>>) =>
  Effect.repeat(sql`select id from workers where draining`, {
    until: (rows) => rows.length === 1,
    schedule: Schedule.spaced("10 millis")
  })
