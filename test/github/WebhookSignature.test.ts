import { createHmac } from "node:crypto"
import { FastCheck, Option, Redacted } from "effect"
import { describe, expect, it } from "vitest"
import { isSignedBy, parseSignature } from "../../src/github/WebhookSignature.ts"

const secret = (value: string) => Redacted.make(value)
const sign = (key: string, body: Uint8Array) =>
  new Uint8Array(createHmac("sha256", key).update(body).digest())

describe("a webhook's signature", () => {
  it("is the one that GitHub's documentation gives as an example", () => {
    const header = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    const signature = Option.getOrThrow(parseSignature(header))
    expect(isSignedBy([secret("It's a Secret to Everybody")], Buffer.from("Hello, World!"), signature)).toBe(
      true
    )
  })

  it("is accepted for any bytes with any of the secrets in use, and for no other bytes", () => {
    const some = FastCheck.string({ minLength: 1 })
    FastCheck.assert(
      FastCheck.property(some, some, FastCheck.uint8Array(), FastCheck.nat(), (old, fresh, body, at) => {
        FastCheck.pre(old !== fresh)
        const secrets = [secret(fresh), secret(old)]
        expect(isSignedBy(secrets, body, sign(old, body))).toBe(true)
        expect(isSignedBy(secrets, body, sign(fresh, body))).toBe(true)
        expect(isSignedBy([secret(fresh)], body, sign(old, body))).toBe(false)
        const mutated = Uint8Array.from(body, (byte, index) => (index === at % body.length ? byte ^ 1 : byte))
        if (body.length > 0) expect(isSignedBy(secrets, mutated, sign(old, body))).toBe(false)
        expect(isSignedBy(secrets, Buffer.concat([body, Buffer.from([0])]), sign(old, body))).toBe(false)
      })
    )
  })

  it("is over the bytes as they came, also where they are not UTF-8", () => {
    const body = Uint8Array.from([0xff, 0xfe, 0x00])
    expect(isSignedBy([secret("s")], body, sign("s", Buffer.from(new TextDecoder().decode(body))))).toBe(
      false
    )
    expect(isSignedBy([secret("s")], body, sign("s", body))).toBe(true)
  })

  it("can't be made without a secret", () => {
    const body = Buffer.from("{}")
    expect(isSignedBy([], body, sign("x", body))).toBe(false)
    expect(isSignedBy([secret("")], body, sign("", body))).toBe(false)
  })

  it.each([
    undefined,
    "",
    "sha256=",
    `sha1=${"0".repeat(40)}`,
    `sha256=${"0".repeat(63)}`,
    `sha256=${"0".repeat(65)}`,
    `sha256=${"g".repeat(64)}`,
    ` sha256=${"0".repeat(64)}`,
    "0".repeat(64)
  ])("is not found in the header %j", (header) => {
    expect(parseSignature(header)).toEqual(Option.none())
  })
})
