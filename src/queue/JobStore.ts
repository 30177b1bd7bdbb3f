/**
 * Where jobs live: the interface that `JobStore/Postgres.ts` and `JobStore/Memory.ts` implement, and that one
 * conformance suite holds both to.
 *
 * Laws:
 * - Every change of state is atomic and writes its line in the ledger together with it.
 * - Every write about a running job takes a `Lease` and changes nothing, failing with `LeaseLost`, unless the job is
 *   still processing under exactly that claim.
 * - Two claims never return the same job at the same epoch.
 * - All time is the store's own: one clock decides about due times and leases, whichever process asks.
 */
import { Context, type DateTime, type Effect, type Option, type Stream } from "effect"
import type { Violation } from "./Audit.ts"
import type { Disposition, Settled } from "./Disposition.ts"
import type { Job, JobId, JobStatus, NewJob, Subject, WorkerId } from "./Job.ts"
import type {
  AlreadyFinished,
  LeaseLost,
  NoSuchJob,
  NotRetryable,
  Obsolete,
  StoreUnavailable
} from "./JobError.ts"
import type { Lease } from "./Lease.ts"
import type { Reason, Transition } from "./Transition.ts"

/** What an enqueue did. */
export interface Enqueued {
  readonly id: JobId
  /** False when a live or completed job for the same work existed already; `id` is then that job's. */
  readonly created: boolean
  /** Older pending jobs of the same pull request that this one cancelled. */
  readonly superseded: ReadonlyArray<JobId>
}

/** A job together with the proof that this worker may run it. */
export interface Claimed {
  readonly job: Job
  readonly lease: Lease
}

/** What a claim brought. */
export interface Claims {
  readonly jobs: ReadonlyArray<Claimed>
  /** Whether a quarantined job could be claimed now, by a worker that runs nothing else. */
  readonly quarantined: boolean
}

/** What is to be written about a job that a worker holds. */
export interface Settlement {
  readonly lease: Lease
  readonly disposition: Settled
}

/** What an exchange did. */
export interface Exchanged extends Claims {
  /** Leases that were not held any more, so that nothing was written about their jobs. */
  readonly lost: ReadonlyArray<Lease>
}

/** What a worker says of itself when it registers. */
export interface WorkerInfo {
  readonly host: string
  readonly pid: number
  readonly version: string
}

/** What a beat learned about the leases it tried to extend. */
export interface Beat {
  /** Leases that are no longer this worker's. */
  readonly lost: ReadonlyArray<Lease>
  /** Leases that were extended, but whose job is asked to stop, and why. */
  readonly cancelled: ReadonlyArray<{
    readonly lease: Lease
    readonly reason: Reason
  }>
}

/** A job taken back from a dead worker. */
export interface Rescued {
  readonly id: JobId
  /** `pending` to run again, `failed` when its workers died too often, `cancelled` when it had been asked to stop. */
  readonly to: "pending" | "failed" | "cancelled"
  readonly reason: Reason
}

/** How many jobs there are in each state. */
export type JobCounts = { readonly [Status in JobStatus]: number }

/** Names a pull request within the store. */
export type PullRequestKey = Pick<Subject, "owner" | "repo" | "pullRequest">

/** Which jobs to list; what is absent does not matter. */
export interface JobFilter {
  readonly status?: JobStatus | undefined
  readonly repository?: Pick<Subject, "owner" | "repo"> | undefined
  readonly pullRequest?: PullRequestKey | undefined
  readonly installationId?: number | undefined
  /** The most jobs to list. */
  readonly limit: number
  /** Only jobs older than this one: to go on where an earlier list ended. */
  readonly before?: JobId | undefined
}

/** A worker that lives. */
export interface WorkerState extends WorkerInfo {
  readonly id: WorkerId
  readonly startedAt: DateTime.Utc
  readonly lastBeatAt: DateTime.Utc
  /** Whether it takes no more jobs. */
  readonly draining: boolean
  /** How many jobs it holds. */
  readonly running: number
}

/** The queue at a glance. */
export interface QueueStats {
  readonly counts: JobCounts
  /** When the pending job that has waited longest was enqueued. */
  readonly oldestPendingAt: Option.Option<DateTime.Utc>
  /** Workers that have beaten within the time in which an idle one beats three times. */
  readonly workers: ReadonlyArray<WorkerState>
}

export class JobStore extends Context.Tag("holdfast/JobStore")<
  JobStore,
  {
    /**
     * Makes a job, unless one for the same work (pull request, commit, kind, generation) is pending, processing or
     * completed; one that was asked to stop does not count. Pending jobs for other commits of the pull request are
     * cancelled as superseded, and a running one is asked to stop. Joins an ambient transaction, so that the job exists
     * if and only if that commits.
     */
    readonly enqueue: (job: NewJob) => Effect.Effect<Enqueued, StoreUnavailable>

    /** As so many enqueues one after the other, in one transaction; a request whose job exists holds up no other. */
    readonly enqueueAll: (
      jobs: ReadonlyArray<NewJob>
    ) => Effect.Effect<ReadonlyArray<Enqueued>, StoreUnavailable>

    /**
     * Cancels the pull request's pending jobs and asks a running one to stop, but for those of a qualified kind; with
     * `only`, those for that commit. Joins an ambient transaction. Returns the jobs that were cancelled at once.
     */
    readonly cancelPullRequest: (
      key: PullRequestKey,
      message: string,
      only?: Pick<Subject, "commitSha">
    ) => Effect.Effect<ReadonlyArray<JobId>, StoreUnavailable>

    /** Makes the worker known; its id is new. */
    readonly registerWorker: (info: WorkerInfo) => Effect.Effect<WorkerId, StoreUnavailable>

    /** Says that the worker takes no more jobs. */
    readonly markDraining: (worker: WorkerId) => Effect.Effect<void, StoreUnavailable>

    /** Forgets a worker that has ended in order and holds no lease. */
    readonly retireWorker: (worker: WorkerId) => Effect.Effect<void, StoreUnavailable>

    /**
     * The worker's session. While the stream runs, the worker counts as present; each element is a hint that there
     * may be a job to claim, the first one as soon as the session stands. Hints can be lost: the poll is the truth.
     * Fails when the session breaks, and never ends otherwise.
     */
    readonly session: (worker: WorkerId) => Stream.Stream<void, StoreUnavailable>

    /**
     * Claims up to `limit` due jobs, most urgent first: at most one of each pull request, at most `perInstallation` of
     * each installation, those that other workers run included, and none that is quarantined.
     */
    readonly claim: (worker: WorkerId, limit: number) => Effect.Effect<Claims, StoreUnavailable>

    /** Claims one due job whose workers have died `quarantineAfter` times or more. It must run alone. */
    readonly claimQuarantined: (worker: WorkerId) => Effect.Effect<Option.Option<Claimed>, StoreUnavailable>

    /**
     * Settles and claims at once, so that a worker under load needs one round trip and one commit for what takes two. What
     * the settlements free can be claimed in the same exchange.
     */
    readonly exchange: (
      worker: WorkerId,
      settlements: ReadonlyArray<Settlement>,
      limit: number
    ) => Effect.Effect<Exchanged, StoreUnavailable>

    /**
     * Gives back, uncounted, whatever the worker holds but does not know of, because the answer to a claim was lost.
     * Not to be called while a claim of the same worker is under way.
     */
    readonly disown: (
      worker: WorkerId,
      known: ReadonlyArray<Lease>
    ) => Effect.Effect<ReadonlyArray<JobId>, StoreUnavailable>

    /** Extends the given leases, and says that the worker lives. */
    readonly beat: (worker: WorkerId, leases: ReadonlyArray<Lease>) => Effect.Effect<Beat, StoreUnavailable>

    /**
     * To be asked before an outside write. Fails with `LeaseLost` when the lease is not held, and with `Obsolete` when
     * somebody has asked the job to stop.
     */
    readonly check: (lease: Lease) => Effect.Effect<void, LeaseLost | Obsolete | StoreUnavailable>

    /** Writes what became of the job. */
    readonly settle: (
      lease: Lease,
      disposition: Disposition
    ) => Effect.Effect<void, LeaseLost | StoreUnavailable>

    /** Keeps a step's output. A second save of the same key keeps the first output. */
    readonly saveStep: (
      lease: Lease,
      key: string,
      output: unknown
    ) => Effect.Effect<void, LeaseLost | StoreUnavailable>

    /** The output of a step that an earlier claim, or this one, has saved. */
    readonly loadStep: (job: JobId, key: string) => Effect.Effect<Option.Option<unknown>, StoreUnavailable>

    /**
     * The output of such a step of any job about the pull request, for as long as that job is retained. For steps whose
     * key names all that their output depends on.
     */
    readonly recallStep: (
      pullRequest: PullRequestKey,
      key: string
    ) => Effect.Effect<Option.Option<unknown>, StoreUnavailable>

    /** Takes back the jobs of dead workers, and fails pending jobs that have no attempt left. */
    readonly rescue: Effect.Effect<ReadonlyArray<Rescued>, StoreUnavailable>

    /** Deletes a batch of jobs that ended longer ago than they are retained, with their ledger and steps; tells how many. */
    readonly prune: Effect.Effect<number, StoreUnavailable>

    readonly find: (id: JobId) => Effect.Effect<Option.Option<Job>, StoreUnavailable>
    readonly counts: Effect.Effect<JobCounts, StoreUnavailable>
    /** The job's ledger, oldest first. */
    readonly transitions: (id: JobId) => Effect.Effect<ReadonlyArray<Transition>, StoreUnavailable>
    /**
     * The ledger of all jobs as it grows, from now on: each line once, those of one job in their order. Ends never;
     * fails when the store can't be reached.
     */
    readonly changes: Stream.Stream<Transition, StoreUnavailable>

    /** Jobs, newest first. One whose row can't be read is left out, and told in the log. */
    readonly list: (filter: JobFilter) => Effect.Effect<ReadonlyArray<Job>, StoreUnavailable>
    /** The keys of the steps that the job has saved, oldest first. */
    readonly stepKeys: (id: JobId) => Effect.Effect<ReadonlyArray<string>, StoreUnavailable>
    readonly stats: Effect.Effect<QueueStats, StoreUnavailable>

    /**
     * Runs a failed or cancelled job again, as urgent as a command: its counters begin anew, its epoch goes on, and its
     * generation becomes the highest of this work, so that nothing else can be the same work.
     */
    readonly retry: (id: JobId) => Effect.Effect<Job, NoSuchJob | NotRetryable | StoreUnavailable>

    /** Cancels a pending job, or asks a running one to stop, which it does within a beat. */
    readonly cancel: (
      id: JobId,
      message: string
    ) => Effect.Effect<"cancelled" | "asked", NoSuchJob | AlreadyFinished | StoreUnavailable>

    /**
     * Checks every job against its ledger and all leases against each other, as of one moment, in bounded memory.
     *
     * @param options `perInstallation`: the cap to hold past claims to; not checked where absent
     */
    readonly audit: (options?: {
      readonly perInstallation?: number | undefined
    }) => Stream.Stream<Violation, StoreUnavailable>
  }
>() {}
