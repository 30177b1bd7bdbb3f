/** A store whose rescue does not look whether a lease is live: it judges all of them as if they had run out. */
import { type Clock, Duration, Effect } from "effect"
import type { JobStore } from "../../../src/queue/JobStore.ts"
import { QueueSettings } from "../../../src/queue/QueueSettings.ts"

const ahead = Duration.toMillis(QueueSettings.defaults.lease) + 1

const hasty = (clock: Clock.Clock): Clock.Clock => ({
  ...clock,
  unsafeCurrentTimeMillis: () => clock.unsafeCurrentTimeMillis() + ahead,
  currentTimeMillis: Effect.map(clock.currentTimeMillis, (now) => now + ahead)
})

export const rescueUnguarded = (store: typeof JobStore.Service): typeof JobStore.Service => ({
  ...store,
  rescue: Effect.clockWith((clock) => Effect.withClock(store.rescue, hasty(clock)))
})
