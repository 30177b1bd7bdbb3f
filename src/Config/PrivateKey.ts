/** The App's private key, in whatever way it got into the environment. */
import { createPrivateKey, type KeyObject } from "node:crypto"
import { Either, Option, Redacted } from "effect"
import type { Parse, Wrong } from "./Setting.ts"

const download =
  "Use the .pem file that GitHub gave you when you made the key (the App's settings, section Private keys); make a new key there if it is lost."

/**
 * Takes PEM with its newlines, with `\n` written out for them, or in base64, and in quotes or not. Gives PKCS#8, the
 * one form that every signer takes; GitHub hands out PKCS#1.
 */
export const parsePrivateKey: Parse<Redacted.Redacted> = (text) => {
  const pem = toPem(text)
  if (Option.isNone(pem)) {
    return Either.left({
      problem: "It is no private key: neither PEM nor the base64 of PEM.",
      remedy: download
    })
  }
  if (/-----BEGIN (CERTIFICATE|(RSA )?PUBLIC KEY)/.test(pem.value)) {
    return Either.left({ problem: "It is a public key or a certificate.", remedy: download })
  }
  if (/ENCRYPTED/.test(pem.value)) {
    return Either.left({
      problem: "It is protected by a passphrase.",
      remedy: "Remove the passphrase with: openssl pkey -in key.pem -out plain.pem. Then use plain.pem."
    })
  }
  return Either.flatMap(Either.try({ try: () => createPrivateKey(pem.value), catch: () => damaged }), toPkcs8)
}

const damaged: Wrong = {
  problem: "It looks like PEM, but is no whole private key.",
  remedy: `Check that no line of it got lost, and that its newlines are real or written as \\n. ${download}`
}

const toPkcs8 = (key: KeyObject): Either.Either<Redacted.Redacted, Wrong> => {
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  if (key.asymmetricKeyType !== "rsa" || bits < 2048) {
    return Either.left({
      problem: `It is a key of type ${key.asymmetricKeyType ?? "unknown"}${bits > 0 ? ` with ${bits} bits` : ""}; GitHub's are RSA keys of at least 2048 bits.`,
      remedy: download
    })
  }
  const pem = key.export({ type: "pkcs8", format: "pem" })
  return Either.right(Redacted.make(pem.toString()))
}

const toPem = (text: string): Option.Option<string> => {
  const plain = text.replace(/^(["'])([\s\S]*)\1$/, "$2").trim()
  const isPem = (candidate: string) => candidate.includes("-----BEGIN ")
  if (isPem(plain)) return Option.some(plain.replaceAll("\\r", "").replaceAll("\\n", "\n"))
  const decoded = Buffer.from(plain, "base64").toString("utf8")
  return Option.liftPredicate(isPem)(decoded)
}
