/** The web shop that both scenarios change, as it is before. */
import type { ScenarioFiles } from "./Scenario.ts"

export const shop: ScenarioFiles = {
  ".gitignore": "node_modules\ndist\n",
  "README.md": `# Web shop

A small shop: a catalogue, a basket and a checkout.

## Run it

    npm install
    npm start

The shop listens on port 8080.
`,
  "package.json": `{
  "name": "web-shop",
  "version": "1.4.0",
  "type": "module",
  "scripts": {
    "start": "node src/server.js",
    "test": "vitest run"
  },
  "dependencies": {
    "fastify": "5.2.0"
  }
}
`,
  "package-lock.json": `{
  "name": "web-shop",
  "version": "1.4.0",
  "lockfileVersion": 3,
  "packages": {
    "": {
      "name": "web-shop",
      "version": "1.4.0",
      "dependencies": {
        "fastify": "5.2.0"
      }
    },
    "node_modules/fastify": {
      "version": "5.2.0",
      "license": "MIT"
    }
  }
}
`,
  "src/basket.js": `/** What a customer is about to buy. */
export class Basket {
  #lines = new Map()

  add(product, quantity = 1) {
    const known = this.#lines.get(product.id)
    this.#lines.set(product.id, { product, quantity: (known?.quantity ?? 0) + quantity })
  }

  remove(productId) {
    this.#lines.delete(productId)
  }

  get lines() {
    return [...this.#lines.values()]
  }

  get total() {
    return this.lines.reduce((sum, line) => sum + line.product.price * line.quantity, 0)
  }
}
`,
  "src/checkout.js": `import { charge } from "./payments.js"

/** Turns a basket into an order. */
export async function checkout(basket, customer) {
  if (basket.lines.length === 0) {
    throw new Error("The basket is empty.")
  }
  const payment = await charge(customer.card, basket.total)
  return {
    customer: customer.id,
    lines: basket.lines,
    payment: payment.id
  }
}
`,
  "src/format-price.js": `const formatter = new Intl.NumberFormat("en", { style: "currency", currency: "EUR" })

/** Cents to what a person reads. */
export function formatPrice(cents) {
  return formatter.format(cents / 100)
}

export function formatRange(from, to) {
  return formatPrice(from) + " – " + formatPrice(to)
}
`,
  "src/legacy-tax.js": `/** The old flat rate; unused since tax tables came. */
export function flatTax(cents) {
  return Math.round(cents * 0.19)
}
`,
  "src/payments.js": `/** Asks the payment service for money. */
export async function charge(card, cents) {
  const answer = await fetch("https://payments.example/charges", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ card, cents })
  })
  if (!answer.ok) {
    throw new Error("The payment was refused.")
  }
  return answer.json()
}
`,
  "src/server.js": `import Fastify from "fastify"
import { Basket } from "./basket.js"
import { checkout } from "./checkout.js"

const server = Fastify()
const baskets = new Map()

server.post("/baskets/:customer/lines", async (request) => {
  const basket = baskets.get(request.params.customer) ?? new Basket()
  basket.add(request.body.product, request.body.quantity)
  baskets.set(request.params.customer, basket)
  return { total: basket.total }
})

server.post("/baskets/:customer/checkout", async (request) => {
  const basket = baskets.get(request.params.customer) ?? new Basket()
  return checkout(basket, request.body.customer)
})

server.listen({ port: 8080 })
`,
  "test/basket.test.js": `import { expect, test } from "vitest"
import { Basket } from "../src/basket.js"

const tea = { id: "tea", price: 450 }
const cup = { id: "cup", price: 1200 }

test("a new basket is empty", () => {
  expect(new Basket().total).toBe(0)
})

test("the same product twice is one line", () => {
  const basket = new Basket()
  basket.add(tea)
  basket.add(tea, 2)
  expect(basket.lines).toHaveLength(1)
  expect(basket.total).toBe(1350)
})

test("a removed product costs nothing", () => {
  const basket = new Basket()
  basket.add(cup)
  basket.remove("cup")
  expect(basket.total).toBe(0)
})
`
}
