/** The figures as people read them: ratios first, since only those mean something on another machine. */
import type { Amounts } from "./Amounts.ts"
import { versions } from "./host/Install.ts"
import { type Machine, sayComputer } from "./host/Machine.ts"
import { round } from "./host/Statistics.ts"
import { systems } from "./parts/Systems.ts"
import { type Contender, contenders } from "./parts/Throughput.ts"
import type { Results } from "./Results.ts"
import { markdown, type Part, terminal } from "./Tables.ts"

const times = (value: number) => `${round(value).toLocaleString("en", { useGrouping: false })} ×`
const perSecond = (value: number) => `${Math.round(value).toLocaleString("en")}/s`
const millis = (value: number) => `${round(value)} ms`

const names = (limitBy: string): { readonly [Name in Contender]: string } => ({
  holdfast: "Holdfast",
  graphile: "graphile-worker",
  graphileBatched: "graphile-worker, local queue of 500 and batched completion",
  pgboss: "pg-boss, batches of 500 every 0.5 s",
  pgbossSingle: "pg-boss, single jobs, looking again at once",
  pgbossEager: "pg-boss, batches of 500, looking again at once",
  effect: "Effect's SqlPersistedQueue",
  limit: `the limit: bare claim and completion by ${limitBy}`
})
const plain = names("")

const throughput = ({ throughput: part }: Results): ReadonlyArray<Part> => {
  if (part === undefined) return []
  const { limitBy, throughput } = part
  return [
    {
      title: "Jobs that do nothing, per second",
      meaning:
        "How fast a backlog goes once the jobs themselves cost nothing. A review takes seconds to minutes, so a queue that does hundreds a second is never what reviews wait for; the room above that is what is left of the database for everything else. Ways that take jobs by the hundred are named: a crash runs again all that they had taken, and they are no measure for jobs that are settled one by one.",
      header: ["queue", "3 at once", "Holdfast is", "10 at once", "Holdfast is"],
      rows: contenders.map((name) => [
        names(limitBy)[name],
        perSecond(throughput["3"][name]),
        times(throughput["3"].holdfast / throughput["3"][name]),
        perSecond(throughput["10"][name]),
        times(throughput["10"].holdfast / throughput["10"][name])
      ])
    }
  ]
}

const latency = ({ latencyMs }: Results): ReadonlyArray<Part> =>
  latencyMs === undefined
    ? []
    : [
        {
          title: "From enqueue to the start of the handler, idle",
          meaning:
            "How much of the time between a push and the first look at it is the queue's. Below some 100 ms nobody notices; queues that poll add up to their interval.",
          header: ["queue", "p50", "Holdfast needs", "p99", "Holdfast needs"],
          rows: systems.map((name) => [
            name === "effect" ? `${plain.effect}, polling every 50 ms` : plain[name],
            millis(latencyMs[name].p50),
            times(latencyMs.holdfast.p50 / latencyMs[name].p50),
            millis(latencyMs[name].p99),
            times(latencyMs.holdfast.p99 / latencyMs[name].p99)
          ])
        }
      ]

const enqueue = ({ enqueue }: Results): ReadonlyArray<Part> =>
  enqueue === undefined
    ? []
    : [
        {
          title: "Enqueueing, jobs per second of one caller",
          meaning:
            "One by one is what a webhook does: it says how many deliveries a second one process can take in. In bulk, a thousand to a call, is what a sweep over all repositories does.",
          header: ["queue", "one by one", "Holdfast is", "in bulk", "Holdfast is"],
          rows: systems.map((name) => [
            name === "effect" ? `${plain.effect}, in bulk: one transaction` : plain[name].replace(/,.*/, ""),
            perSecond(enqueue[name].oneByOne),
            times(enqueue.holdfast.oneByOne / enqueue[name].oneByOne),
            perSecond(enqueue[name].bulk),
            times(enqueue.holdfast.bulk / enqueue[name].bulk)
          ])
        }
      ]

const finishedRows = ({ finishedRows: rows }: Results): ReadonlyArray<Part> =>
  rows === undefined
    ? []
    : [
        {
          title: "A claim with a history behind it",
          meaning:
            "Whether the queue grows slower with the years. A team with 100 reviews a day has 100,000 finished jobs after three years, if it never prunes.",
          header: ["finished jobs in the table", "p50", "to empty", "p99", "to empty"],
          rows: (["0", "100000", "1000000"] as const).map((count) => [
            Number(count).toLocaleString("en"),
            millis(rows[count].p50),
            times(rows[count].p50 / rows["0"].p50),
            millis(rows[count].p99),
            times(rows[count].p99 / rows["0"].p99)
          ])
        }
      ]

const recovery = ({ recoveryMs }: Results): ReadonlyArray<Part> =>
  recoveryMs === undefined
    ? []
    : [
        {
          title: "After kill -9 of a worker",
          meaning:
            "How long a review stands still when the process that runs it dies: until its handler starts again in another worker. By the others' defaults: graphile-worker 4 hours, pg-boss 15 minutes, Effect's queue 2 minutes.",
          header: ["kills", "median", "worst"],
          rows: [[String(recoveryMs.kills), millis(recoveryMs.p50), millis(recoveryMs.max)]]
        }
      ]

const idle = ({ idle }: Results): ReadonlyArray<Part> =>
  idle === undefined
    ? []
    : [
        {
          title: "An idle worker",
          meaning:
            "What it costs to keep Holdfast running beside other things on a small machine and a shared database.",
          header: ["statements", "resident memory"],
          rows: [[perSecondSmall(idle.queriesPerSecond), `${idle.rssMb} MB`]]
        }
      ]

const perSecondSmall = (value: number) => `${value}/s`

const workers = ({ workers: part }: Results): ReadonlyArray<Part> =>
  part === undefined
    ? []
    : [
        {
          title: "Several worker processes on one database, 3 jobs at once in each",
          meaning: `Whether a second and a fourth process help or stand in each other's way. Jobs that ran twice: ${part.doubles}.`,
          header: ["processes", "jobs", "to one"],
          rows: (["1", "2", "4"] as const).map((count) => [
            count,
            perSecond(part.workers[count]),
            times(part.workers[count] / part.workers["1"])
          ])
        }
      ]

const partsOf = (results: Results): ReadonlyArray<Part> =>
  [throughput, latency, enqueue, finishedRows, recovery, idle, workers].flatMap((part) => part(results))

/** For a terminal. */
export const table = (results: Results): string => terminal(partsOf(results))

/** For `bench/RESULTS.md`. */
export const page = (machine: Machine, amounts: Amounts, results: Results): string => {
  const top = [
    "# Holdfast beside other queues on PostgreSQL",
    "",
    "Written by `npm run bench`; do not edit. Machines differ and are noisy: the ratios within this run are the results, the absolute figures are not.",
    "",
    `- Machine: ${sayComputer(machine)}`,
    `- Database: the embedded PostgreSQL ${machine.postgres} with its default settings: fsync ${machine.fsync}, synchronous_commit ${machine.synchronousCommit}; server, workers and bench share the machine`,
    `- Queues: ${["graphile-worker", "pg-boss"].map((name) => `${name} ${versions[name]}`).join(", ")}, and Effect's SqlPersistedQueue of the @effect/sql that Holdfast uses`,
    `- Method: each queue in a process of its own that runs compiled code and is kept warm; the queues take turns, ${amounts.rounds} rounds, medians; a fresh database for each queue and round, vacuumed, analysed and checkpointed before it is timed; the time runs until the database holds every job as done`,
    "- Settings: Holdfast's defaults, but for the concurrency. Its jobs are about different pull requests in 1,000 installations. graphile-worker's defaults, and its batched mode; pg-boss without its scheduler, in three ways; Effect's queue polling every 50 ms instead of every second"
  ]
  return markdown(top, partsOf(results))
}
