/** The queue's tunable numbers, with the defaults that serve when nothing is configured. */
import { Context, Duration, Layer } from "effect"

/** Settings shared by the store and the worker. */
export class QueueSettings extends Context.Reference<QueueSettings>()("holdfast/QueueSettings", {
  defaultValue: (): QueueSettings.Settings => QueueSettings.defaults
}) {
  static readonly defaults: QueueSettings.Settings = {
    concurrency: 3,
    maxAttempts: 3,
    maxCrashes: 5,
    quarantineAfter: 2,
    quarantinePatience: Duration.seconds(30),
    perInstallation: 2,
    lease: Duration.seconds(30),
    beatEvery: Duration.seconds(1),
    idleBeatEvery: Duration.seconds(10),
    deadAfter: Duration.seconds(2.25),
    pollEvery: Duration.seconds(5),
    rescueEvery: Duration.seconds(1.75),
    shutdownGrace: Duration.seconds(25),
    retainCompleted: Duration.days(14),
    retainEnded: Duration.days(90),
    pruneEvery: Duration.minutes(1)
  }

  /** The defaults with these changes. Provide it below both the worker and the store: each reads its part. */
  static readonly layer = (changes: Partial<QueueSettings.Settings>): Layer.Layer<QueueSettings> =>
    Layer.succeed(QueueSettings, { ...QueueSettings.defaults, ...changes })
}

export declare namespace QueueSettings {
  interface Settings {
    /** How many jobs one worker runs at once. */
    readonly concurrency: number
    /** Counted attempts of a job that does not say otherwise. */
    readonly maxAttempts: number
    /** A job whose worker died this many times fails. */
    readonly maxCrashes: number
    /** A job whose worker died this many times runs alone from then on, so that it can only take itself down. */
    readonly quarantineAfter: number
    /** How long a quarantined job waits for a worker to fall idle before one makes room for it. */
    readonly quarantinePatience: Duration.Duration
    /** How many jobs of one installation run at once, in all workers together. Infinity: as many as there are permits. */
    readonly perInstallation: number
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
    /** How long a completed job is kept. */
    readonly retainCompleted: Duration.Duration
    /** How long a failed or cancelled job is kept. */
    readonly retainEnded: Duration.Duration
    /** The pause between two searches for jobs that are kept no longer. */
    readonly pruneEvery: Duration.Duration
  }
}
