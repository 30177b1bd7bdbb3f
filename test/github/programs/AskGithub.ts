/** Asks a GitHub a few things, and tells what still keeps the process alive. Arguments: URL, App id, private key, installation. */
import { Effect, Redacted } from "effect"
import { Github } from "../../../src/github/Github.ts"
import { layerFor } from "../Client.ts"

const [, , url = "", appId = "", privateKey = "", installation = ""] = process.argv

const program = Effect.gen(function* () {
  const client = yield* Effect.flatMap(Github, (github) => github.installation(Number(installation)))
  yield* client.ownLogin
  yield* Effect.flip(client.getPullRequest({ owner: "no", repo: "body", pullRequest: 1 }))
}).pipe(
  Effect.scoped,
  Effect.provide(layerFor({ url, app: { id: Number(appId), privateKey: Redacted.make(privateKey) } }))
)

await Effect.runPromise(program)
setImmediate(() => {
  const sockets = process.getActiveResourcesInfo().filter((name) => name.startsWith("TCP"))
  process.stdout.write(JSON.stringify(sockets))
})
