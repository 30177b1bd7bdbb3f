/**
 * A local GitHub: enough of its REST and GraphQL APIs, over HTTP, for everything that Holdfast asks of it, with GitHub's rules and
 * with GitHub's failures on demand. It shares no code with the product, so that agreement between the two means
 * something; the tests hold it against GitHub's OpenAPI description and its GraphQL schema.
 */
import { createPublicKey, generateKeyPairSync, randomBytes } from "node:crypto"
import { createServer } from "node:http"
import type { ServeError } from "@effect/platform/HttpServerError"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { Clock, Context, Duration, Effect, Either, Layer, Redacted, type Scope } from "effect"
import { controlApi } from "./ControlApi.ts"
import { makeInstallationControls } from "./Controls/Installations.ts"
import { makeControls } from "./Controls.ts"
import { cutConnections } from "./CutConnections.ts"
import { makeExchange } from "./Exchange.ts"
import { makeFaults } from "./Faults.ts"
import { account, type GithubState, withEntry } from "./github/GithubState.ts"
import { firstInstallation, initialState } from "./github/InitialState.ts"
import { makeJournal } from "./Journal.ts"
import { allOperations } from "./operations/AllOperations.ts"
import { graphqlOperation } from "./operations/GraphqlOperation.ts"
import { makeRateLimit } from "./RateLimit.ts"
import { pingEvent } from "./rendered/RenderedEvent.ts"
import type { SandboxOptions, SandboxService } from "./SandboxService.ts"
import { makeViews } from "./Views.ts"
import { makeWebhooks } from "./Webhooks.ts"
import { readRequest, writeEnding } from "./Wire.ts"
import { makeWorld } from "./World.ts"

const allPermissions: GithubState["app"]["permissions"] = {
  metadata: "read",
  contents: "write",
  pull_requests: "write",
  checks: "write"
}

interface KeyPair {
  readonly publicKey: string
  readonly privateKey: string
}

const keyPair = (given: Redacted.Redacted | undefined): KeyPair => {
  if (given === undefined) {
    return generateKeyPairSync("rsa", {
      modulusLength: 2048,
      publicKeyEncoding: { type: "spki", format: "pem" },
      // GitHub hands out its keys in this older form.
      privateKeyEncoding: { type: "pkcs1", format: "pem" }
    })
  }
  const privateKey = Redacted.value(given)
  const publicKey = createPublicKey(privateKey).export({ type: "spki", format: "pem" }).toString()
  return { publicKey, privateKey }
}

const build = Effect.fn("Sandbox.make")(function* (options: SandboxOptions, clock: Clock.Clock) {
  const host = options.host ?? "127.0.0.1"
  const basePath = options.basePath ?? ""
  const owner = options.owner ?? "acme"
  const repo = options.repo ?? "web-shop"
  const slug = options.slug ?? "holdfast-sandbox"
  const keys = keyPair(options.privateKey)
  const secret = options.webhookSecret ?? Redacted.make(randomBytes(24).toString("hex"))

  const nodeServer = createServer()
  const server = yield* NodeHttpServer.make(() => nodeServer, { port: options.port ?? 0, host })
  const origin =
    server.address._tag === "TcpAddress" ? `http://${host}:${server.address.port}` : `http://${host}`
  const urls = { api: `${origin}${basePath}`, html: origin }

  const world = yield* makeWorld(
    initialState({
      appId: options.appId ?? 4242,
      slug,
      publicKey: keys.publicKey,
      owner,
      repo,
      permissions: options.permissions ?? allPermissions,
      collaborators: options.collaborators ?? {},
      now: yield* clock.currentTimeMillis
    }),
    clock
  )
  const faults = yield* makeFaults
  const journal = yield* makeJournal
  const webhooks = yield* makeWebhooks(world, clock)
  const scope = yield* Effect.scope
  const { app } = yield* world.state

  const configure = (url: string | undefined, newSecret = secret) =>
    webhooks.configure(url === undefined ? undefined : { url, secret: newSecret })
  yield* configure(options.webhookUrl)

  const installations = makeInstallationControls({ world, webhooks, urls })
  const service: SandboxService = {
    url: urls.api,
    app: {
      id: app.id,
      slug,
      login: app.bot.login,
      privateKey: Redacted.make(keys.privateKey),
      webhookSecret: secret
    },
    installationId: firstInstallation,
    owner,
    repo,
    pulls: makeControls({ world, webhooks, urls, owner, repo }),
    view: makeViews(world),
    faults,
    journal,
    webhooks: {
      configure,
      redeliver: webhooks.redeliver,
      deliveries: webhooks.deliveries,
      ping: Effect.gen(function* () {
        const target = yield* webhooks.target
        return yield* webhooks.deliver(pingEvent(yield* world.state, target?.url ?? "", urls))
      }),
      installation: (action, id = firstInstallation) => installations.change(id, action)
    },
    install: installations.install,
    tokenFor: (login) =>
      world.change((state) => {
        const [who, next] = account(state, login)
        const token = `ghp_${randomBytes(18).toString("hex")}`
        const entry = { viewer: { kind: "user" as const, account: who }, expiresAt: undefined }
        return Either.right([
          Redacted.make(token),
          { ...next, tokens: withEntry(next.tokens, token, entry) }
        ] as const)
      }),
    clock: { now: world.now, advance: world.advance }
  }

  const exchange = makeExchange({
    world,
    faults,
    journal,
    rateLimit: yield* makeRateLimit(options.rateLimit ?? 5000),
    operations: [...allOperations, graphqlOperation],
    urls,
    settings: {
      tokenLifetimeMillis: Duration.toMillis(options.tokenLifetime ?? "1 hour"),
      patchLimit: { lines: options.maxPatchLines ?? 3000 }
    },
    announce: (event) => webhooks.deliver(event).pipe(Effect.forkIn(scope), Effect.asVoid),
    redeliver: (guid) => webhooks.redeliver(guid).pipe(Effect.ignore, Effect.forkIn(scope), Effect.asVoid)
  })
  const control = controlApi(service)
  yield* server.serve(
    // The server runs its app uninterruptibly; without this a held answer would outlive its client.
    Effect.interruptible(
      Effect.gen(function* () {
        const request = yield* HttpServerRequest.HttpServerRequest
        if (request.url.startsWith("/_sandbox")) return yield* control
        return yield* writeEnding(request, yield* exchange(yield* readRequest(request, basePath)))
      })
    )
  )
  yield* Effect.addFinalizer(() => cutConnections(nodeServer))
  return service
})

export type { SandboxOptions, SandboxService } from "./SandboxService.ts"

/** A local GitHub that runs. */
export class Sandbox extends Context.Tag("holdfast/sandbox/Sandbox")<Sandbox, SandboxService>() {
  /** Starts one; it stops with the scope. It keeps real time, also under a TestClock. */
  static make(options: SandboxOptions = {}): Effect.Effect<SandboxService, ServeError, Scope.Scope> {
    const clock = Clock.make()
    return build(options, clock).pipe(Effect.withClock(clock), Effect.provide(NodeContext.layer))
  }

  static layer(options: SandboxOptions = {}): Layer.Layer<Sandbox, ServeError> {
    return Layer.scoped(Sandbox, Sandbox.make(options))
  }
}
