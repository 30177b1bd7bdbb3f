/**
 * Checks the JSON web token that an app signs with its private key.
 * https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
 */
import { createPublicKey, verify } from "node:crypto"
import { Either, ParseResult, Schema } from "effect"
import type { AppIdentity } from "./GithubState.ts"
import { Rejection } from "./Rejection.ts"

const maxLifetimeSeconds = 600
/** Clocks differ; GitHub forgives this much of an `iat` in the future. */
const clockSkewSeconds = 60

const Header = Schema.parseJson(Schema.Struct({ alg: Schema.String }))
const Claims = Schema.parseJson(
  Schema.Struct({
    iat: Schema.Number,
    exp: Schema.Number,
    iss: Schema.Union(Schema.Number, Schema.String)
  })
)

const unauthorized = (message: string) => Either.left(new Rejection({ status: 401, message }))

const undecodable = unauthorized("A JSON web token could not be decoded")

const decodePart = <A>(schema: Schema.Schema<A, string>, part: string) =>
  ParseResult.decodeUnknownEither(schema)(Buffer.from(part, "base64url").toString("utf8"))

/** Whether it has the form of a JWT, so that a wrong one is refused as such and not as a wrong token. */
export const looksLikeJwt = (token: string): boolean => /^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)

/** `now` in milliseconds. */
export const verifyAppJwt = (
  token: string,
  app: AppIdentity,
  now: number
): Either.Either<void, Rejection> => {
  const [header = "", claims = "", signature = ""] = token.split(".")
  const decodedHeader = decodePart(Header, header)
  const decodedClaims = decodePart(Claims, claims)
  if (Either.isLeft(decodedHeader) || decodedHeader.right.alg !== "RS256") return undecodable
  if (Either.isLeft(decodedClaims)) return undecodable
  const { iat, exp, iss } = decodedClaims.right
  const signed = verify(
    "RSA-SHA256",
    Buffer.from(`${header}.${claims}`),
    createPublicKey(app.publicKey),
    Buffer.from(signature, "base64url")
  )
  // GitHub finds the key by the issuer, so a wrong issuer reads like a wrong signature.
  if (!signed || (String(iss) !== String(app.id) && iss !== app.clientId)) return undecodable
  const seconds = now / 1000
  if (exp <= seconds) {
    return unauthorized(
      "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires"
    )
  }
  if (exp - seconds > maxLifetimeSeconds) {
    return unauthorized("'Expiration time' claim ('exp') is too far in the future")
  }
  if (iat - seconds > clockSkewSeconds) {
    return unauthorized(
      "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued"
    )
  }
  return Either.void
}
