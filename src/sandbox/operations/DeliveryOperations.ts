/** https://docs.github.com/en/rest/apps/webhooks */
import { Either } from "effect"
import type { Delivery } from "../github/Delivery.ts"
import { Rejection } from "../github/Rejection.ts"
import { isoTime } from "../rendered/Urls.ts"
import { ok, operation } from "./Operation.ts"

const deliveries = "/app/hook/deliveries"
const docs = "apps/webhooks#"

const summary = (delivery: Delivery) => ({
  id: delivery.id,
  guid: delivery.guid,
  delivered_at: isoTime(delivery.deliveredAt),
  redelivery: delivery.redelivery,
  duration: delivery.durationMillis / 1000,
  status: delivery.status,
  status_code: delivery.statusCode,
  event: delivery.event,
  action: delivery.action,
  installation_id: delivery.installationId,
  repository_id: delivery.repositoryId,
  throttled_at: null
})

/** Pages by a cursor, not by number: the list grows at its head while it is read. */
const list = operation({
  id: "apps/list-webhook-deliveries",
  method: "GET",
  path: deliveries,
  access: "app",
  docs: `${docs}list-deliveries-for-an-app-webhook`,
  run: ({ query, url }, state) => {
    const perPage = Math.min(Number(query.get("per_page") ?? 30) || 30, 100)
    const cursor = Number(/^v1_(\d+)$/.exec(query.get("cursor") ?? "")?.[1] ?? Number.POSITIVE_INFINITY)
    const status = query.get("status")
    const from = state.deliveries.filter(
      (one) =>
        one.id <= cursor &&
        (status === null || (status === "success") === (one.statusCode >= 200 && one.statusCode < 400))
    )
    const next = from[perPage]
    const nextUrl = new URL(url)
    nextUrl.searchParams.set("cursor", `v1_${next?.id}`)
    return Either.right({
      ...ok(from.slice(0, perPage).map(summary)),
      headers: next === undefined ? {} : { link: `<${nextUrl.href}>; rel="next"` }
    })
  }
})

const find = (deliveries: ReadonlyArray<Delivery>, id: string | undefined) =>
  Either.fromNullable(
    deliveries.find((one) => one.id === Number(id)),
    () => new Rejection({ status: 404, message: "Not Found" })
  )

const get = operation({
  id: "apps/get-webhook-delivery",
  method: "GET",
  path: `${deliveries}/{delivery_id}`,
  access: "app",
  docs: `${docs}get-a-delivery-for-an-app-webhook`,
  run: ({ params }, state) =>
    Either.map(find(state.deliveries, params["delivery_id"]), (delivery) =>
      ok({
        ...summary(delivery),
        url: delivery.url,
        request: { headers: delivery.requestHeaders, payload: delivery.payload },
        response: {
          headers: delivery.statusCode === 0 ? null : delivery.responseHeaders,
          payload: delivery.responseBody
        }
      })
    )
})

const redeliver = operation({
  id: "apps/redeliver-webhook-delivery",
  method: "POST",
  path: `${deliveries}/{delivery_id}/attempts`,
  access: "app",
  docs: `${docs}redeliver-a-delivery-for-an-app-webhook`,
  run: ({ params }, state) =>
    Either.map(find(state.deliveries, params["delivery_id"]), (delivery) => ({
      status: 202,
      body: {},
      redeliver: delivery.guid
    }))
})

export const deliveryOperations = [list, get, redeliver]
