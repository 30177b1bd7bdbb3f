/** What every part of the bench plays on. */
import { Context, Effect, type Schema, type Scope } from "effect"
import * as Protocol from "../programs/Protocol.ts"
import type { RivalName } from "../rivals/Rivals.ts"
import { ask } from "./Ask.ts"
import type { BenchError } from "./BenchError.ts"
import { build } from "./Build.ts"
import * as Child from "./Child.ts"
import * as Server from "./Server.ts"

/** A process that measures one queue. It is kept from round to round, as workers are in life. */
export interface Measurer {
  readonly ask: <A, I>(request: Protocol.Request, answer: Schema.Schema<A, I>) => Effect.Effect<A, BenchError>
}

export class Stage extends Context.Tag("bench/Stage")<
  Stage,
  {
    readonly server: Server.Server
    readonly measurer: (rival: RivalName) => Effect.Effect<Measurer, BenchError, Scope.Scope>
    /** A Holdfast worker in a process of its own. */
    readonly worker: (
      url: string
    ) => Effect.Effect<Child.Child<Protocol.Order, Protocol.Word>, BenchError, Scope.Scope>
  }
>() {}

export const set = Effect.gen(function* () {
  const programs = yield* build
  const server = yield* Server.start
  return Stage.of({
    server,
    measurer: (rival) =>
      Effect.map(
        Child.start<Protocol.Request, Protocol.Reply>(programs.measure, [rival], Protocol.Reply),
        (child) => ({ ask: (request, answer) => ask(child, request, answer) })
      ),
    worker: (url) =>
      Child.start<Protocol.Order, Protocol.Word>(programs.holdfastWorker, [url], Protocol.Word).pipe(
        Effect.tap((child) => child.next)
      )
  })
})
