/** How a job stands, in a person's words. */
import { DateTime, Duration, Option } from "effect"
import type { Job } from "../../queue/Job.ts"
import { stopRequest } from "../../queue/StopRequest.ts"
import { describe } from "../../queue/Transition.ts"

const units = [
  ["d", Duration.days(1)],
  ["h", Duration.hours(1)],
  ["min", Duration.minutes(1)]
] as const

/** In the largest unit of which there are two, so that it is never far off: `90 s`, `4 min`, `36 h`, `3 d`. */
export const rough = (duration: Duration.Duration): string => {
  const unit = units.find(([, length]) => Duration.greaterThanOrEqualTo(duration, Duration.times(length, 2)))
  const [name, length] = unit ?? ["s", Duration.seconds(1)]
  return `${Math.floor(Duration.toMillis(duration) / Duration.toMillis(length))} ${name}`
}

/** From one time to another; nothing when the order is not what one thinks, as with two machines' clocks. */
export const between = (from: DateTime.Utc, to: DateTime.Utc): string =>
  rough(Duration.millis(Math.max(0, DateTime.distance(from, to))))

export const nameOf = ({ subject }: Job): string => `${subject.owner}/${subject.repo}#${subject.pullRequest}`

const inBrackets = (text: Option.Option<string>) =>
  Option.match(text, { onNone: () => "", onSome: (message) => ` (${message})` })

const waiting = (job: Job, running: ReadonlyArray<Job>, now: DateTime.Utc): string => {
  if (DateTime.greaterThan(job.runAt, now))
    return `due in ${between(now, job.runAt)}${inBrackets(job.errorMessage)}`
  const other = running.find((one) => nameOf(one) === nameOf(job))
  if (other !== undefined) return `waits for job ${other.id} of the same pull request`
  if (job.attempts >= job.maxAttempts) return "has no attempts left and is about to fail"
  return `due since ${between(job.runAt, now)}, waits for a free place`
}

const atWork = (job: Job, now: DateTime.Utc): string => {
  const worker = Option.match(job.workerId, {
    onNone: () => "without a worker",
    onSome: (id) => `on worker ${id}`
  })
  const since = Option.match(job.startedAt, { onNone: () => "", onSome: (at) => ` for ${between(at, now)}` })
  const stop = Option.match(stopRequest(job), {
    onNone: () => "",
    onSome: (reason) => `, asked to stop (${describe(reason)})`
  })
  return `${worker}${since}${stop}`
}

/**
 * What a job waits for, does or came to.
 *
 * @param running jobs that are processing
 */
export const standing = (job: Job, running: ReadonlyArray<Job>, now: DateTime.Utc): string => {
  switch (job.status) {
    case "pending":
      return waiting(job, running, now)
    case "processing":
      return atWork(job, now)
    case "completed":
      return Option.match(Option.all([job.startedAt, job.completedAt]), {
        onNone: () => "",
        onSome: ([from, to]) => `took ${between(from, to)}`
      })
    case "failed":
    case "cancelled":
      return Option.getOrElse(job.errorMessage, () => "")
  }
}
