/**
 * A pull request as one meets them: mostly good work, and several things that should not be merged. What would trip a
 * scanner is put together from pieces, so that this file itself is clean.
 */
import type { Scenario, ScenarioFiles } from "./Scenario.ts"
import { shop } from "./Shop.ts"

/** The replacement must be there to be made, or the scenario would silently lose one of its problems. */
const change = (path: string, ...replacements: ReadonlyArray<readonly [from: string, to: string]>): string =>
  replacements.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`${path} has no ${from}`)
    return text.replace(from, () => to)
  }, String(shop[path]))

/** The form of an AWS access key id, of an account that never was. */
const accessKey = ["AKIA", "Z7QHX2M4", "T6RWPLKD"].join("")
const secretKey = ["q8Zr1vN0yTgX", "bJ4uWc7LsPd3", "KfHm6EoRaY2i", "Qx5G"].join("")
const markers = { ours: "<".repeat(7), middle: "=".repeat(7), theirs: ">".repeat(7) }
const leftover = ["debug", "ger"].join("")
const focused = ["test", "only"].join(".")

/** A red dot of one pixel, so that there is a binary file. */
const dot = Uint8Array.from(
  Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
    "base64"
  )
)

const { "src/format-price.js": _formatPrice, "src/legacy-tax.js": _legacyTax, ...kept }: ScenarioFiles = shop

export const checkoutScenario: Scenario = {
  title: "Keep receipts and give discounts at checkout",
  body: "Receipts go to object storage, and a basket can carry a discount code.",
  author: "dana",
  headBranch: "receipts",
  before: shop,
  after: {
    ...kept,
    ".env": `RECEIPTS_BUCKET=shop-receipts
PAYMENT_TIMEOUT=5000
`,
    "assets/receipt-logo.png": dot,
    "package.json": change(
      "package.json",
      ["1.4.0", "1.5.0"],
      ['"fastify": "5.2.0"', '"fastify": "5.2.0",\n    "nanoid": "5.0.9"']
    ),
    "package-lock.json": change(
      "package-lock.json",
      ['        "fastify": "5.2.0"', '        "fastify": "5.2.0",\n        "nanoid": "5.0.9"'],
      [
        '      "version": "5.2.0",\n      "license": "MIT"\n    }',
        '      "version": "5.2.0",\n      "license": "MIT"\n    },\n    "node_modules/nanoid": {\n      "version": "5.0.9",\n      "license": "MIT"\n    }'
      ]
    ),
    "src/basket.js": change(
      "src/basket.js",
      ["  #lines = new Map()\n", "  #lines = new Map()\n  #discount = 0\n"],
      [
        "  remove(productId) {",
        "  /** A share of the total, from 0 to 1. */\n  discount(share) {\n    this.#discount = Math.min(Math.max(share, 0), 1)\n  }\n\n  remove(productId) {"
      ],
      [
        "    return this.lines.reduce((sum, line) => sum + line.product.price * line.quantity, 0)",
        "    const full = this.lines.reduce((sum, line) => sum + line.product.price * line.quantity, 0)\n    return Math.round(full * (1 - this.#discount))"
      ]
    ),
    "src/checkout.js": change(
      "src/checkout.js",
      [
        'import { charge } from "./payments.js"',
        'import { charge } from "./payments.js"\nimport { keepReceipt } from "./receipts.js"'
      ],
      [
        "  const payment = await charge(customer.card, basket.total)\n  return {",
        `  ${leftover}\n  const payment = await charge(customer.card, basket.total)\n  const order = {`
      ],
      [
        "    payment: payment.id\n  }\n",
        "    payment: payment.id\n  }\n  await keepReceipt(order)\n  return order\n"
      ]
    ),
    "src/money.js": `${String(shop["src/format-price.js"])}
export function formatDiscount(share) {
  return "−" + Math.round(share * 100) + " %"
}
`,
    "src/receipts.js": `import { nanoid } from "nanoid"

const storage = {
  bucket: "shop-receipts",
  accessKeyId: "${accessKey}",
  secretAccessKey: "${secretKey}"
}

/** Writes a receipt where the customer can fetch it for ten years. */
export async function keepReceipt(order) {
  const name = nanoid() + ".json"
  await fetch("https://" + storage.bucket + ".storage.example/" + name, {
    method: "PUT",
    headers: { "x-access-key": storage.accessKeyId },
    body: JSON.stringify(order)
  })
  return name
}
`,
    "src/server.js": change("src/server.js", [
      "server.listen({ port: 8080 })",
      `${markers.ours} HEAD
server.listen({ port: 8080 })
${markers.middle}
server.listen({ port: Number(process.env.PORT ?? 8080) })
${markers.theirs} receipts`
    ]),
    "test/basket.test.js": change("test/basket.test.js", [
      'test("a removed product',
      `${focused}("a discount lowers the total", () => {
  const basket = new Basket()
  basket.add(cup)
  basket.discount(0.25)
  expect(basket.total).toBe(900)
})

test("a removed product`
    ])
  }
}
