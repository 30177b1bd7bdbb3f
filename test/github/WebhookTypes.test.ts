import type { components } from "@octokit/openapi-webhooks-types"
import type { Schema } from "effect"
import { expectTypeOf, it } from "vitest"
import type {
  CheckSuitePayload,
  RequestedActionPayload,
  RerequestedRunPayload
} from "../../src/github/WebhookEvent/Checks.ts"
import type { CommentPayload } from "../../src/github/WebhookEvent/Comments.ts"
import type { InstallationPayload } from "../../src/github/WebhookEvent/Installations.ts"
import type { PullRequestPayload } from "../../src/github/WebhookEvent/PullRequests.ts"

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
  expectTypeOf<OfApp<Documented["webhook-issue-comment-created"]>>().toExtend<Ours<typeof CommentPayload>>()
  expectTypeOf<OfApp<Documented["webhook-check-run-rerequested"]>>().toExtend<
    Ours<typeof RerequestedRunPayload>
  >()
  // Described as optional, though it is what the event is about; an event without it is refused in words.
  type Pressed = Documented["webhook-check-run-requested-action"] & {
    readonly requested_action: { readonly identifier: string }
  }
  expectTypeOf<OfApp<Pressed>>().toExtend<Ours<typeof RequestedActionPayload>>()
  expectTypeOf<OfApp<Documented["webhook-check-suite-rerequested"]>>().toExtend<
    Ours<typeof CheckSuitePayload>
  >()
  expectTypeOf<Documented["webhook-installation-created"]>().toExtend<Ours<typeof InstallationPayload>>()
  expectTypeOf<Documented["webhook-installation-suspend"]>().toExtend<Ours<typeof InstallationPayload>>()
  expectTypeOf<Documented["webhook-installation-repositories-added"]>().toExtend<
    Ours<typeof InstallationPayload>
  >()
})
