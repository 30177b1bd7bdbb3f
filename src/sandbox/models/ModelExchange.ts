/** One question and its answer, with everything that may happen between: the vendor's rules, the faults, the script. */
import { Effect, Either, Option, Redacted } from "effect"
import type { RawRequest } from "../Exchange.ts"
import { makeAttempts } from "./Attempts.ts"
import type { ModelFaults } from "./ModelFaults.ts"
import type { ModelJournal } from "./ModelJournal.ts"
import type { Problem } from "./Problem.ts"
import type { Question, Said } from "./Question.ts"
import { answered, refuse, say, spoil } from "./Respond.ts"
import { noFindings, type Reply, type Script } from "./Script.ts"
import type { ModelAnswer, WireFormat } from "./WireFormat.ts"

interface ModelExchangeContext {
  readonly formats: ReadonlyArray<WireFormat>
  /** The sandbox's own key. */
  readonly apiKey: Redacted.Redacted
  /** Keys that are accepted as well. */
  readonly otherApiKeys: ReadonlyArray<Redacted.Redacted>
  readonly script: Effect.Effect<Script>
  readonly faults: ModelFaults
  readonly journal: ModelJournal
}

const nobodyThere = answered({ status: 404, headers: {}, body: { error: { message: "Not Found" } } })

/** A script that throws is a mistake in the test, which should read of it and not wait for a time-out. */
const scriptFailed = (defect: unknown) =>
  answered({
    status: 500,
    headers: {},
    body: { error: { message: `The sandbox's script failed: ${defect}` } }
  })

const parseBody = (text: string): Either.Either<unknown, Problem> =>
  Either.try({ try: (): unknown => JSON.parse(text), catch: () => ({ _tag: "NotJson" }) })

const withoutKey = ({ apiKey: _, ...question }: Question): Omit<Question, "apiKey"> => question

export const makeModelExchange = (context: ModelExchangeContext) => {
  const { journal, faults } = context
  const attemptOf = makeAttempts()
  const accounts = [context.apiKey, ...context.otherApiKeys].map((key) => Redacted.value(key))

  const find = (request: RawRequest) => {
    for (const format of context.formats) {
      const params = request.method === "POST" ? format.path.match(request.path) : undefined
      if (params !== undefined) return { format, params }
    }
    return undefined
  }

  /** The question in the request, or what the vendor has against it. */
  const understand = (
    request: RawRequest,
    { format, params }: NonNullable<ReturnType<typeof find>>,
    key: string | undefined
  ): Either.Either<Question, Problem> =>
    Either.gen(function* () {
      if (key === undefined) return yield* Either.left<Problem>({ _tag: "NoKey" })
      const account = accounts.indexOf(key)
      if (account === -1) return yield* Either.left<Problem>({ _tag: "InvalidKey" })
      const body = yield* parseBody(request.body)
      const query = new URLSearchParams(request.query)
      const asked = yield* format.read({ headers: request.headers, params, query, body })
      return {
        vendor: format.vendor,
        ...asked,
        apiKey: Redacted.make(key),
        account,
        attempt: attemptOf(format.vendor, asked)
      }
    })

  const ask = (question: Question): Effect.Effect<Reply> =>
    Effect.flatMap(context.script, (script) => {
      const reply = script(question)
      return Effect.isEffect(reply) ? reply : Effect.succeed(reply)
    })

  const respond = (format: WireFormat, question: Question, sequence: number) =>
    Effect.gen(function* () {
      const met = Option.getOrUndefined(yield* faults.meet(question))
      if (met !== undefined) {
        yield* journal.note(sequence, { fault: met.fault._tag })
        if (met.fault._tag === "Hold") yield* met.released
        else if (met.fault._tag === "Delay") yield* Effect.sleep(met.fault.milliseconds)
        else return yield* spoil(format, question, met.fault, Effect.map(ask(question), words))
      }
      const reply = yield* ask(question)
      if (!("fault" in reply)) return yield* say(format, question, reply)
      yield* journal.note(sequence, { fault: reply.fault._tag })
      return yield* spoil(format, question, reply.fault, Effect.succeed(noFindings))
    })

  return Effect.fn("ModelExchange.run")(function* (request: RawRequest) {
    const found = find(request)
    const key = found?.format.apiKey(request.headers)
    const understood = found === undefined ? undefined : understand(request, found, key)
    const question = understood === undefined ? undefined : Either.getOrUndefined(understood)
    const sequence = yield* journal.open({
      path: request.path,
      vendor: found?.format.vendor,
      expectedKey: key === Redacted.value(context.apiKey),
      question: question === undefined ? undefined : withoutKey(question)
    })
    const finish = (answer: ModelAnswer | undefined) => journal.note(sequence, { stage: "finished", answer })

    const run = Effect.suspend(() => {
      if (found === undefined || understood === undefined) return Effect.succeed(nobodyThere)
      return Either.match(understood, {
        onLeft: (problem) => refuse(found.format, problem, undefined),
        onRight: (asked) => respond(found.format, asked, sequence)
      })
    })
    // The client may go away while its answer is held; the line in the journal must end all the same.
    return yield* run.pipe(
      Effect.catchAllDefect((defect) => Effect.succeed(scriptFailed(defect))),
      Effect.tap((ending) => finish(ending._tag === "Answer" ? ending.answer : undefined)),
      Effect.onInterrupt(() => finish(undefined))
    )
  })
}

/** A fault needs something to break off; a script that wants another fault instead has its say another time. */
const words = (reply: Reply): Said => ("fault" in reply ? noFindings : reply)
