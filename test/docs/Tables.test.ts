/** The tables of docs/embedding.md say what the code does. */
import * as fs from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Cause, DateTime, Duration, Exit, FiberId, Option, Schema } from "effect"
import { applyDisposition, newJob } from "../../src/queue/Applied.ts"
import { decide } from "../../src/queue/Disposition.ts"
import { JobId } from "../../src/queue/Job.ts"
import * as JobError from "../../src/queue/JobError.ts"
import { QueueSettings } from "../../src/queue/QueueSettings.ts"
import { read } from "./Page.ts"

const page = read("embedding.md")

const Manifest = Schema.parseJson(
  Schema.Struct({ dependencies: Schema.Record({ key: Schema.String, value: Schema.String }) })
)
const now = DateTime.unsafeMake(0)
const message = "as it was told"
const named = DateTime.add(now, { hours: 1 })

const job = {
  ...newJob(
    JobId.make(1),
    {
      trigger: "opened",
      subject: {
        installationId: 1,
        owner: "acme",
        repo: "shop",
        pullRequest: 7,
        title: "Add a cart",
        commitSha: "c0ffee",
        baseBranch: "main"
      }
    },
    QueueSettings.defaults.maxAttempts,
    now
  ),
  status: "processing" as const
}

/** An example of each error that a handler may fail with. */
const errors: { readonly [Tag in JobError.JobError["_tag"]]: JobError.JobError } = {
  Transient: new JobError.Transient({ message }),
  RetryAfter: new JobError.RetryAfter({ message, until: named }),
  Snooze: new JobError.Snooze({ message, until: named }),
  Permanent: new JobError.Permanent({ message }),
  Obsolete: new JobError.Obsolete({ message }),
  LeaseLost: new JobError.LeaseLost({ message })
}

const ends: Readonly<Record<string, Exit.Exit<void, JobError.JobError>>> = {
  success: Exit.void,
  ...Object.fromEntries(Object.entries(errors).map(([tag, error]) => [`\`${tag}\``, Exit.fail(error)])),
  "a defect": Exit.die(new Error(message)),
  "an interruption that nobody asked for": Exit.failCause(Cause.interrupt(FiberId.none))
}

/** Counted or not, the state afterwards, and from when on it is due. */
const whatBecomes = (exit: Exit.Exit<void, JobError.JobError>) => {
  const after = Option.match(
    applyDisposition(job, decide({ job, exit, stop: Option.none(), jitter: 0.5 }), now),
    { onNone: () => job, onSome: (applied) => applied.job }
  )
  const wait = DateTime.distance(now, after.runAt)
  const due =
    wait === 0 ? "" : DateTime.Equivalence(after.runAt, named) ? "until the time" : "after a backoff"
  return [after.attempts > job.attempts ? "yes" : "no", `\`${after.status}\``, due]
}

const units = [
  ["days", 86_400],
  ["minutes", 60]
] as const

/** A setting as the page writes it. */
const written = (value: number | Duration.Duration): string => {
  if (!Duration.isDuration(value)) return String(value)
  const seconds = Duration.toSeconds(value)
  const [unit, size] = units.find(([, size]) => seconds % size === 0) ?? ["seconds", 1]
  const number = seconds / size
  return `${number} ${number === 1 ? unit.slice(0, -1) : unit}`
}

it("docs/embedding.md has the versions installed that the package depends on", () => {
  const { dependencies } = Schema.decodeUnknownSync(Manifest)(fs.readFileSync("package.json", "utf8"))
  const [command = ""] = /npm install .*/.exec(fs.readFileSync("docs/embedding.md", "utf8")) ?? []
  const versions = Array.from(command.matchAll(/ (\S+)@([\d.]+)/g), ([, name = "", version]) => [
    name,
    version
  ])
  assert.isNotEmpty(versions)
  for (const [name = "", version] of versions) assert.strictEqual(version, dependencies[name])
})

describe("the tables of docs/embedding.md", () => {
  it("tell for each error whether it counts, and what becomes of the job", () => {
    const table = page.table("Which error does what")
    assert.deepStrictEqual(
      table.map(([end]) => end),
      Object.keys(ends)
    )
    for (const [end = "", counted, then = ""] of table) {
      const [, state, due = ""] = /^(`\w+`)(?:, (until the time|after a backoff))?/.exec(then) ?? []
      assert.deepStrictEqual([end, counted, state, due], [end, ...whatBecomes(ends[end] ?? Exit.void)])
    }
  })

  it("list every setting with its default", () => {
    assert.deepStrictEqual(
      page.table("Settings").map(([setting, value]) => [setting, value]),
      Object.entries(QueueSettings.defaults).map(([name, value]) => [`\`${name}\``, written(value)])
    )
  })
})
