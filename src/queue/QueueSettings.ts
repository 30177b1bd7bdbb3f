/** The queue's tunable numbers, with the defaults that serve when nothing is configured. */
import { Context, Duration } from "effect"

/** Settings shared by the store and the worker. */
export class QueueSettings extends Context.Reference<QueueSettings>()("holdfast/QueueSettings", {
  defaultValue: (): QueueSettings.Settings => QueueSettings.defaults
}) {
  static readonly defaults: QueueSettings.Settings = {
    concurrency: 3,
    maxAttempts: 3,
    maxCrashes: 5,
    lease: Duration.seconds(30),
    beatEvery: Duration.seconds(1),
    idleBeatEvery: Duration.seconds(10),
    deadAfter: Duration.seconds(2.5),
    pollEvery: Duration.seconds(5),
    rescueEvery: Duration.seconds(1.5),
    shutdownGrace: Duration.seconds(25)
  }
}

export declare namespace QueueSettings {
  interface Settings {
    /** How many jobs one worker runs at once. */
    readonly concurrency: number
    /** Counted attempts of a job that does not say otherwise. */
    readonly maxAttempts: number
    /** A job whose worker died this many times fails. */
    readonly maxCrashes: number
    /** How long a lease lasts unless a beat extends it. */
    readonly lease: Duration.Duration
    /** The pause between beats while jobs run. Never more than a third of the lease is used. */
    readonly beatEvery: Duration.Duration
    /** The pause between beats while nothing runs. */
    readonly idleBeatEvery: Duration.Duration
    /** A worker whose session is gone and which has not beaten for this long is dead. */
    readonly deadAfter: Duration.Duration
    /** The pause between polls when no hint arrives. */
    readonly pollEvery: Duration.Duration
    /** The pause between two searches for dead workers' jobs. */
    readonly rescueEvery: Duration.Duration
    /** How long running jobs may go on after a shutdown began. */
    readonly shutdownGrace: Duration.Duration
  }
}
