import type { components } from "@octokit/openapi-webhooks-types"
import type { Schema } from "effect"
import { expectTypeOf, it } from "vitest"
import type { InstallationPayload, PullRequestPayload } from "../../src/github/WebhookEvent.ts"

type Documented = components["schemas"]
type Ours<S extends Schema.Schema.Any> = Schema.Schema.Encoded<S>
/** Delivered to the App, an event always names its installation. */
type OfApp<Event extends { readonly installation?: unknown }> = Event & Required<Pick<Event, "installation">>

/** These hold or break when the tests are compiled. */
it("GitHub's description of the events promises what we need of them", () => {
  expectTypeOf<OfApp<Documented["webhook-pull-request-opened"]>>().toExtend<Ours<typeof PullRequestPayload>>()
  expectTypeOf<OfApp<Documented["webhook-pull-request-reopened"]>>().toExtend<
    Ours<typeof PullRequestPayload>
  >()
  expectTypeOf<OfApp<Documented["webhook-pull-request-synchronize"]>>().toExtend<
    Ours<typeof PullRequestPayload>
  >()
  expectTypeOf<OfApp<Documented["webhook-pull-request-closed"]>>().toExtend<Ours<typeof PullRequestPayload>>()
  expectTypeOf<Documented["webhook-installation-created"]>().toExtend<Ours<typeof InstallationPayload>>()
  expectTypeOf<Documented["webhook-installation-suspend"]>().toExtend<Ours<typeof InstallationPayload>>()
  expectTypeOf<Documented["webhook-installation-repositories-added"]>().toExtend<
    Ours<typeof InstallationPayload>
  >()
})
