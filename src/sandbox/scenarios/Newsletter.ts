/** A second, smaller pull request, for the part of the demo that shuts down in the middle of a review. */
import type { Scenario } from "./Scenario.ts"
import { shop } from "./Shop.ts"

const token = ["ghp", "R7kQ2mXv9TzL4wBn8sYc3HdJ6fPa1GeUoK5i"].join("_")

export const newsletterScenario: Scenario = {
  title: "Invite customers to the newsletter",
  body: "After an order, a customer who agreed is added to the list.",
  author: "kim",
  headBranch: "newsletter",
  before: shop,
  after: {
    ...shop,
    "README.md": `${String(shop["README.md"])}
## Newsletter

Customers who agree at checkout are added to the list once their order is paid.
`,
    "src/newsletter.js": `const list = "https://lists.example/shop"
const token = "${token}"

/** Adds an address; a second time changes nothing. */
export async function invite(address) {
  console.log("inviting", address)
  await fetch(list, {
    method: "PUT",
    headers: { authorization: "Bearer " + token },
    body: JSON.stringify({ address })
  })
}
`,
    "test/newsletter.test.js": `import { ${["describe", "expect", "test"].join(", ")} } from "vitest"
import { invite } from "../src/newsletter.js"

${["describe", "only"].join(".")}("the newsletter", () => {
  test("takes an address", async () => {
    await expect(invite("a@example.org")).resolves.toBeUndefined()
  })
})
`
  }
}
