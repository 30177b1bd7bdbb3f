/** How much this process runs at once, for how long, and what it keeps. */
import { Config, Duration } from "effect"
import * as Setting from "./Setting.ts"

export interface Queue {
  /** How many jobs run at once. */
  readonly concurrency: number
  readonly maxAttempts: number
  /** How long running jobs may go on after a shutdown began. */
  readonly shutdownGrace: Duration.Duration
  readonly lease: Duration.Duration
  /** How many jobs of one installation run at once, in all workers together. */
  readonly perInstallation: number
  /** How long a completed job is kept. */
  readonly retainCompleted: Duration.Duration
  /** How long a failed or cancelled job is kept. */
  readonly retainEnded: Duration.Duration
}

export const queue: Config.Config<Queue> = Config.all({
  concurrency: Setting.withDefault("HOLDFAST_CONCURRENCY", 3, Setting.integer({ min: 1, max: 100 })),
  maxAttempts: Setting.withDefault("HOLDFAST_MAX_ATTEMPTS", 3, Setting.integer({ min: 1, max: 100 })),
  shutdownGrace: Setting.withDefault(
    "HOLDFAST_SHUTDOWN_GRACE",
    Duration.seconds(25),
    Setting.duration({ min: "0 seconds", max: "1 hour" })
  ),
  lease: Setting.withDefault(
    "HOLDFAST_LEASE",
    Duration.seconds(30),
    Setting.duration({ min: "5 seconds", max: "1 hour" })
  ),
  perInstallation: Setting.withDefault(
    "HOLDFAST_PER_INSTALLATION",
    2,
    Setting.integer({ min: 1, max: 1000 })
  ),
  retainCompleted: Setting.withDefault(
    "HOLDFAST_RETAIN_COMPLETED",
    Duration.days(14),
    Setting.duration({ min: "1 hour", max: "3650 days" })
  ),
  retainEnded: Setting.withDefault(
    "HOLDFAST_RETAIN_ENDED",
    Duration.days(90),
    Setting.duration({ min: "1 hour", max: "3650 days" })
  )
})
