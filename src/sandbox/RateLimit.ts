/** https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api */
import { Effect } from "effect"

const windowMillis = 3_600_000

export interface RateLimitStatus {
  readonly limit: number
  readonly used: number
  readonly remaining: number
  /** Seconds since 1970. */
  readonly reset: number
  readonly exceeded: boolean
}

export interface RateLimit {
  /** Counts a request of this caller; `now` in milliseconds. */
  readonly spend: (caller: string, now: number) => Effect.Effect<RateLimitStatus>
}

/** `limit` requests an hour for each caller. */
export const makeRateLimit = (limit: number): Effect.Effect<RateLimit> =>
  Effect.sync(() => {
    const windows = new Map<string, { readonly started: number; used: number }>()
    return {
      spend: (caller, now) =>
        Effect.sync(() => {
          const known = windows.get(caller)
          const current =
            known !== undefined && now - known.started < windowMillis ? known : { started: now, used: 0 }
          windows.set(caller, current)
          const exceeded = current.used >= limit
          if (!exceeded) current.used++
          return {
            limit,
            used: current.used,
            remaining: limit - current.used,
            reset: Math.ceil((current.started + windowMillis) / 1000),
            exceeded
          }
        })
    }
  })

export const rateLimitHeaders = (status: RateLimitStatus): { readonly [name: string]: string } => ({
  "x-ratelimit-limit": String(status.limit),
  "x-ratelimit-remaining": String(status.remaining),
  "x-ratelimit-used": String(status.used),
  "x-ratelimit-reset": String(status.reset),
  "x-ratelimit-resource": "core"
})
