/** A webhook that was sent. https://docs.github.com/en/rest/apps/webhooks */
export interface WebhookEvent {
  readonly event: string
  readonly action: string | null
  readonly installationId: number | null
  readonly repositoryId: number | null
  readonly payload: { readonly [key: string]: unknown }
}

export interface Delivery extends WebhookEvent {
  readonly id: number
  readonly guid: string
  readonly url: string
  readonly redelivery: boolean
  /** Milliseconds since 1970. */
  readonly deliveredAt: number
  readonly durationMillis: number
  /** 0 when there was no answer. */
  readonly statusCode: number
  /** As in `OK`, `timed out` or `failed to connect to host`. */
  readonly status: string
  readonly requestHeaders: { readonly [name: string]: string }
  readonly responseHeaders: { readonly [name: string]: string }
  readonly responseBody: string | null
}
