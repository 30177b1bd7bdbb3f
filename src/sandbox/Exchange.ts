/** One request and its answer, with everything that may happen between: the rules, the faults and the journal. */
import { randomBytes } from "node:crypto"
import { DateTime, Effect, Either, Option } from "effect"
import type { Fault, Faults, MetFault } from "./Faults.ts"
import { identify } from "./github/Access.ts"
import { counted, installationAsking, named } from "./github/Caller.ts"
import type { WebhookEvent } from "./github/Delivery.ts"
import type { Viewer } from "./github/GithubState.ts"
import { notFound, Rejection } from "./github/Rejection.ts"
import { type Journal, type JournalAnswer, withoutCredentials } from "./Journal.ts"
import { graphqlPath } from "./operations/GraphqlOperation.ts"
import type { ApiRequest, Operation, OperationSettings, Reply } from "./operations/Operation.ts"
import { type RateLimit, type RateLimitStatus, rateLimitHeaders } from "./RateLimit.ts"
import type { Urls } from "./rendered/Urls.ts"
import type { World } from "./World.ts"

export interface RawRequest {
  readonly method: string
  /** Below the base path, without the query. */
  readonly path: string
  readonly query: string
  /** In lower case. */
  readonly headers: { readonly [name: string]: string }
  readonly body: string
}

/** What goes over the wire in the end: an answer, or a connection that is cut. */
export type Ending = { readonly _tag: "Answer"; readonly answer: JournalAnswer } | { readonly _tag: "Reset" }

export interface ExchangeContext {
  readonly world: World
  readonly faults: Faults
  readonly journal: Journal
  readonly rateLimit: RateLimit
  readonly operations: ReadonlyArray<Operation>
  readonly urls: Urls
  readonly settings: OperationSettings
  /** Sends a webhook again, without waiting for it. */
  readonly redeliver: (guid: string) => Effect.Effect<void>
  /** Sends a webhook, without waiting for it. */
  readonly announce: (event: WebhookEvent) => Effect.Effect<void>
}

const reset: Ending = { _tag: "Reset" }

/** The answer with its time by the sandbox's clock, by which clients tell how far theirs is off; `now` in milliseconds. */
const dated = (ending: Ending, now: number): Ending => {
  if (ending._tag === "Reset") return ending
  const date = DateTime.toDateUtc(DateTime.unsafeMake(now)).toUTCString()
  return { _tag: "Answer", answer: { ...ending.answer, headers: { ...ending.answer.headers, date } } }
}

const errorBody = (rejection: Rejection, docs: string) => ({
  message: rejection.message,
  ...(rejection.errors === undefined ? {} : { errors: rejection.errors }),
  documentation_url: `https://docs.github.com/rest${docs === "" ? "" : `/${docs}`}`,
  status: String(rejection.status)
})

const parseBody = (text: string): Either.Either<unknown, Rejection> => {
  if (text === "") return Either.right(undefined)
  return Either.try({
    try: (): unknown => JSON.parse(text),
    catch: () => new Rejection({ status: 400, message: "Problems parsing JSON" })
  })
}

/** A request id as GitHub's: five groups of hexadecimal digits. */
const requestId = (): string => {
  const hex = randomBytes(18).toString("hex").toUpperCase()
  return [hex.slice(0, 4), hex.slice(4, 10), hex.slice(10, 18), hex.slice(18, 26), hex.slice(26, 34)].join(
    ":"
  )
}

const limitsDocs = "using-the-rest-api/rate-limits-for-the-rest-api"

const primaryLimit = (status: number, caller: string) =>
  new Rejection({ status, message: `API rate limit exceeded for ${caller}.` })

const secondaryLimit = (status: number) =>
  new Rejection({
    status,
    message:
      "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. If you reach out to GitHub Support for help, please include the request ID."
  })

const unavailable: { readonly [status: number]: string } = {
  500: "Server Error",
  502: "Server Error",
  503: "Service Unavailable",
  504: "We couldn't respond to your request in time. Sorry about that. Please try resubmitting your request and contact us if the problem persists."
}

export const makeExchange = (context: ExchangeContext) => {
  const { world, faults, journal } = context

  const find = (method: string, path: string) => {
    for (const operation of context.operations) {
      const params = operation.method === method ? operation.path.match(path) : undefined
      if (params !== undefined) return { operation, params }
    }
    return undefined
  }

  /** Runs the operation against the state; a refusal is an answer too. */
  const apply = (
    request: RawRequest,
    sequence: number,
    identity: Either.Either<Viewer, Rejection>,
    now: number,
    stale: boolean
  ) =>
    Effect.gen(function* () {
      const found = find(request.method, request.path)
      const run = Effect.gen(function* () {
        const viewer = yield* identity
        if (found === undefined) return yield* notFound
        if ((found.operation.access === "app") !== (viewer.kind === "app")) {
          return yield* new Rejection({
            status: 401,
            message:
              found.operation.access === "app" ? "A JSON web token could not be decoded" : "Bad credentials"
          })
        }
        const body = yield* parseBody(request.body)
        const api: ApiRequest = {
          params: found.params,
          query: new URLSearchParams(request.query),
          url: `${context.urls.api}${request.path}${request.query}`,
          accept: request.headers["accept"] ?? "",
          body,
          viewer,
          now,
          random: randomBytes(20).toString("hex").slice(0, 36),
          urls: context.urls,
          settings: context.settings
        }
        if (stale) return yield* found.operation.run(api, yield* world.stale)
        return yield* world.change((state) =>
          Either.map(found.operation.run(api, state), (reply) => [reply, reply.state ?? state] as const)
        )
      })
      return yield* run.pipe(
        Effect.tap(() => journal.note(sequence, { applied: true })),
        Effect.catchTag("Rejection", (rejection) =>
          Effect.succeed<Reply>({
            status: rejection.status,
            body: errorBody(rejection, found?.operation.docs ?? "")
          })
        )
      )
    })

  const headersFor = (status: RateLimitStatus, extra: { readonly [name: string]: string } = {}) => ({
    "x-github-request-id": requestId(),
    "x-github-media-type": "github.v3; format=json",
    "x-github-api-version-selected": "2022-11-28",
    server: "github.com",
    ...rateLimitHeaders(status),
    ...extra
  })

  const answer = (reply: Pick<Reply, "status" | "body" | "headers">, status: RateLimitStatus): Ending => ({
    _tag: "Answer",
    answer: { status: reply.status, body: reply.body, headers: headersFor(status, reply.headers) }
  })

  const refusal = (rejection: Rejection, docs: string) => ({
    status: rejection.status,
    body: errorBody(rejection, docs)
  })

  /** The primary limit. The GraphQL API tells it with status 200. */
  const exceeded = (path: string, status: number, caller: string) => {
    const rejection = primaryLimit(status, caller)
    return path === graphqlPath
      ? { status: 200, body: { errors: [{ type: "RATE_LIMITED", message: rejection.message }] } }
      : refusal(rejection, limitsDocs)
  }

  /** What a fault answers without applying anything; undefined when the request is to be applied. */
  const insteadOf = (
    { path }: RawRequest,
    fault: Fault | undefined,
    limit: RateLimitStatus,
    caller: string,
    now: number
  ): Ending | undefined => {
    switch (fault?._tag) {
      case "ResetBefore":
        return reset
      case "Answer":
        return answer({ status: fault.status, body: fault.body }, limit)
      case "PrimaryLimit":
        return answer(exceeded(path, fault.status, caller), {
          ...limit,
          remaining: 0,
          used: limit.limit,
          reset: Math.ceil(now / 1000) + fault.resetSeconds
        })
      case "SecondaryLimit": {
        const retryAfter = fault.retryAfterSeconds
        const headers = retryAfter === undefined ? {} : { "retry-after": String(retryAfter) }
        const body = refusal(secondaryLimit(fault.status), `${limitsDocs}#about-secondary-rate-limits`)
        return answer({ ...body, headers }, limit)
      }
      case "ServerFailure":
        return fault.applied ? undefined : serverFailure(fault.status, limit)
      default:
        return undefined
    }
  }

  const serverFailure = (status: number, limit: RateLimitStatus) =>
    answer({ status, body: { message: unavailable[status] ?? "Server Error" } }, limit)

  /** What becomes of an answer that is ready. */
  const afterwards = (met: MetFault | undefined, ending: Ending, limit: RateLimitStatus) => {
    switch (met?.fault._tag) {
      case "Delay":
        return Effect.as(Effect.sleep(met.fault.milliseconds), ending)
      case "Hold":
        return met.fault.when === "after" ? Effect.as(met.released, ending) : Effect.succeed(ending)
      case "LoseAnswer":
        return Effect.succeed(reset)
      case "ServerFailure":
        return Effect.succeed(serverFailure(met.fault.status, limit))
      default:
        return Effect.succeed(ending)
    }
  }

  const identityOf = ({ headers }: RawRequest, now: number) =>
    Effect.map(world.state, (state) => identify(state, headers["authorization"], now))

  return Effect.fn("Exchange.run")(function* (request: RawRequest) {
    const sequence = yield* journal.open({
      method: request.method,
      path: request.path,
      query: request.query,
      headers: withoutCredentials(request.headers),
      body: Either.getOrElse(parseBody(request.body), (): unknown => request.body)
    })
    const installation = installationAsking(yield* identityOf(request, yield* world.now))
    const met = Option.getOrUndefined(yield* faults.meet({ ...request, installation }))
    yield* journal.note(sequence, { fault: met?.fault._tag, installation })
    const finish = (ending: Ending) =>
      journal.note(sequence, {
        stage: "finished",
        answer: ending._tag === "Answer" ? shown(ending.answer) : undefined
      })

    const run = Effect.gen(function* () {
      if (met?.fault._tag === "Hold" && met.fault.when === "before") yield* met.released
      const now = yield* world.now
      const identity = yield* identityOf(request, now)
      const caller = Either.match(identity, counted)
      yield* journal.note(sequence, { viewer: Either.match(identity, named) })
      const limit = yield* context.rateLimit.spend(caller, now)
      const instead = limit.exceeded
        ? answer(exceeded(request.path, 403, caller), limit)
        : insteadOf(request, met?.fault, limit, caller, now)
      if (instead !== undefined) return instead
      const stale = met?.fault._tag === "StaleRead"
      const reply = yield* Effect.uninterruptible(apply(request, sequence, identity, now, stale))
      if (reply.event !== undefined) yield* context.announce(reply.event)
      if (reply.redeliver !== undefined) yield* context.redeliver(reply.redeliver)
      yield* journal.note(sequence, { stage: "applied" })
      return yield* afterwards(met, answer(reply, limit), limit)
    })
    // The client may go away while its answer is held; the line in the journal must end all the same.
    return yield* run.pipe(
      Effect.flatMap((ending) => Effect.map(world.now, (now) => dated(ending, now))),
      Effect.tap(finish),
      Effect.onInterrupt(() => finish(reset))
    )
  })
}

/** The answer as the journal keeps it: a token that was given out stays out of it. */
const shown = (answer: JournalAnswer): JournalAnswer => {
  const { body } = answer
  return typeof body === "object" && body !== null && "token" in body
    ? { ...answer, body: { ...body, token: "(left out)" } }
    : answer
}
