/** Pull requests that come with the sandbox, for the demo and for trying one's own setup. */
import { checkoutScenario } from "./Checkout.ts"
import { newsletterScenario } from "./Newsletter.ts"
import type { Scenario } from "./Scenario.ts"

export const scenarios: { readonly [name: string]: Scenario } = {
  checkout: checkoutScenario,
  newsletter: newsletterScenario
}
