import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Option } from "effect"
import { GithubSettings } from "../../src/github/GithubSettings.ts"
import * as HookDeliveries from "../../src/github/HookDeliveries.ts"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import { assertJournalConforms } from "../sandbox/openapi/Contract.ts"
import { answering, json, raw } from "./Answering.ts"
import type { Place } from "./Client.ts"

const clientFor = ({ app, url }: Place) =>
  Effect.provide(
    HookDeliveries.HookDeliveries,
    HookDeliveries.layer.pipe(
      Layer.provide(
        Layer.succeed(GithubSettings, {
          ...GithubSettings.defaults,
          appId: app.id,
          privateKey: app.privateKey,
          apiUrl: url
        })
      )
    )
  )

const delivery = (id: string) =>
  `{"id":${id},"guid":"g","delivered_at":"2026-01-02T03:04:05Z","redelivery":false,"duration":0.2,"status":"OK","status_code":200,"event":"push","action":null,"installation_id":1,"repository_id":1}`

describe("the deliveries of the App's webhook", () => {
  it.scopedLive("are read by the cursors of their pages, and one with its payload", () =>
    Effect.gen(function* () {
      const sandbox = yield* Sandbox.make({ basePath: "/api/v3" })
      yield* sandbox.webhooks.configure("http://127.0.0.1:1/down")
      const pull = yield* sandbox.pulls.open({ content: { before: {}, after: { "a.txt": "a\n" } } })
      yield* Effect.repeatN(sandbox.webhooks.ping, 109)
      const client = yield* clientFor(sandbox)
      const first = yield* client.page(Option.none())
      const second = yield* client.page(first.next)
      expect([first, second].map(({ deliveries }) => deliveries.length)).toEqual([100, 11])
      expect(second.next).toEqual(Option.none())
      const oldest = second.deliveries.at(-1)
      expect(oldest).toMatchObject({
        guid: pull.delivery?.guid,
        statusCode: 0,
        event: "pull_request",
        action: "opened"
      })
      expect(first.deliveries[0]).toMatchObject({ event: "ping", action: "" })
      expect(yield* client.payloadOf(oldest?.id ?? "")).toEqual(pull.delivery?.payload)
      expect((yield* Effect.flip(client.payloadOf("1")))._tag).toBe("NotFound")
      assertJournalConforms(yield* sandbox.journal.entries)
    })
  )

  it.scopedLive("are asked for by their exact number, whatever it is", () =>
    Effect.gen(function* () {
      const ids = ["7", "9007199254740993", "18446744073709551615"]
      const page = raw(200, `[${ids.map(delivery).join(", ")}]`)
      const detail = raw(200, `{"id":9007199254740993,"request":{"payload":{"action":"opened"}}}`)
      const { place, requests } = yield* answering(page, detail)
      const client = yield* clientFor(place)
      const { deliveries } = yield* client.page(Option.none())
      expect(deliveries.map(({ id }) => id)).toEqual(ids)
      expect(yield* client.payloadOf("9007199254740993")).toEqual({ action: "opened" })
      expect(requests[1]).toBe("GET /app/hook/deliveries/9007199254740993")
    })
  )

  it.scopedLive("are asked for where the API is, wherever a link leads", () =>
    Effect.gen(function* () {
      const link = '<https://elsewhere.example/other?cursor=v1_9&per_page=2>; rel="next", <x>; rel="first"'
      const { place, requests } = yield* answering(raw(200, `[${delivery("1")}]`, { link }))
      const client = yield* clientFor(place)
      const { next } = yield* client.page(Option.none())
      yield* client.page(next)
      expect(requests).toEqual([
        "GET /app/hook/deliveries?per_page=100",
        "GET /app/hook/deliveries?per_page=100&cursor=v1_9"
      ])
    })
  )

  it.scopedLive(
    "are not asked for again where GitHub limits, and an answer of another shape is told so",
    () =>
      Effect.gen(function* () {
        const { place, requests } = yield* answering(
          json(429, { message: "slow down" }, { "retry-after": "60" }),
          json(200, [{ id: 1 }])
        )
        const client = yield* clientFor(place)
        expect((yield* Effect.flip(client.page(Option.none())))._tag).toBe("RateLimited")
        expect(requests).toHaveLength(1)
        expect((yield* Effect.flip(client.page(Option.none())))._tag).toBe("UnexpectedAnswer")
      })
  )
})
