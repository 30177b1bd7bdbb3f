/** Which deliveries are missing, by GitHub's list and our own. */
import type * as SqlClient from "@effect/sql/SqlClient"
import { DateTime, Duration, Effect, Option } from "effect"
import type { DatabaseError } from "../../database/DatabaseError.ts"
import * as Deliveries from "../Deliveries.ts"
import type { GithubError } from "../GithubError.ts"
import { HookDeliveries, type HookDelivery } from "../HookDeliveries.ts"
import { isActedOn } from "../WebhookEvent.ts"

/** What GitHub calls delivered and we don't know yet may still be on its way: from GitHub, or into the database. */
const settling = Duration.minutes(1)
/** 100,000 deliveries. A list that never ends must not keep a sweep for ever. */
const mostPages = 1000

export interface Listed {
  /** How many tries to deliver GitHub told of. */
  readonly count: number
  /** In the order in which they happened, each event once. */
  readonly missed: ReadonlyArray<HookDelivery>
  /** By GitHub's clock. */
  readonly newest: Option.Option<DateTime.Utc>
}

const isFailed = ({ statusCode }: HookDelivery): boolean => statusCode < 200 || statusCode >= 300

/** Nothing is on its way any more of what GitHub has seen fail. */
const isSettled = (delivery: HookDelivery, now: DateTime.Utc): boolean =>
  isFailed(delivery) || DateTime.lessThan(DateTime.addDuration(delivery.deliveredAt, settling), now)

/** The earliest try of each event, since a redelivery says nothing of when it happened. */
const inOrder = (newestFirst: ReadonlyArray<HookDelivery>): ReadonlyArray<HookDelivery> => {
  const earliest = new Map<string, HookDelivery>()
  for (const delivery of newestFirst.toReversed()) {
    if (!earliest.has(delivery.guid)) earliest.set(delivery.guid, delivery)
  }
  return [...earliest.values()].sort((one, other) => DateTime.Order(one.deliveredAt, other.deliveredAt))
}

/**
 * Reads GitHub's list back to this time.
 *
 * @param hopeless GUIDs that are known to be missing
 */
export const listMissed = (
  since: DateTime.Utc,
  hopeless: ReadonlySet<string>
): Effect.Effect<Listed, GithubError | DatabaseError, HookDeliveries | SqlClient.SqlClient> =>
  Effect.gen(function* () {
    const github = yield* HookDeliveries
    const now = yield* DateTime.now
    const isRecent = ({ deliveredAt }: HookDelivery) => DateTime.greaterThanOrEqualTo(deliveredAt, since)
    const missed: Array<HookDelivery> = []
    let count = 0
    let newest = Option.none<DateTime.Utc>()
    let cursor = Option.none<string>()
    for (let number = 1; number <= mostPages; number++) {
      const { deliveries, next } = yield* github.page(cursor)
      const recent = deliveries.filter(isRecent)
      const wanted = recent.filter(
        (one) => isActedOn(one.event, one.action) && !hopeless.has(one.guid) && isSettled(one, now)
      )
      const taken = yield* Deliveries.taken(wanted.map(({ guid }) => guid))
      missed.push(...wanted.filter(({ guid }) => !taken.has(guid)))
      count += recent.length
      const [first] = recent
      if (Option.isNone(newest) && first !== undefined) newest = Option.some(first.deliveredAt)
      const last = deliveries.at(-1)
      if (last === undefined || !isRecent(last) || Option.isNone(next)) {
        return { count, missed: inOrder(missed), newest }
      }
      cursor = next
    }
    yield* Effect.logWarning(
      `there are more than ${count} deliveries to look through; older ones are left out, and can be redelivered on the App's page`
    )
    return { count, missed: inOrder(missed), newest }
  })
