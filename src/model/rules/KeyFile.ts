/** Private keys and credentials, by the names that programs give them. */
import { Option } from "effect"
import type { ChangedFile } from "../../review/Diff.ts"
import { isTestPath } from "../../review/FileFilter/Names.ts"
import { nameOf, newFileRule } from "./FileRule.ts"

const sshKey = /^id_(rsa|dsa|ecdsa|ed25519)(_sk)?$/
const keyStore = /\.(p12|pfx|jks|keystore|ppk|kdbx)$/i
const credentials =
  /^(\.git-credentials|\.netrc|_netrc|\.pgpass|\.htpasswd)$|(^|\/)\.aws\/credentials$|(^|\/)\.docker\/config\.json$/
/** May hold a private key or a certificate, which is public. */
const maybeKey = /\.(pem|key)$/i
/** Android's keystore for debugging is the same for everybody. */
const publicKeyStore = /^debug\.keystore$/i

const showsNoKey = (file: ChangedFile): boolean =>
  file.hunks.length > 0 &&
  !file.hunks.some((hunk) => hunk.lines.some((line) => line.text.includes("PRIVATE KEY-----")))

const kindOf = (path: string, file: ChangedFile): Option.Option<string> => {
  const name = nameOf(path)
  if (publicKeyStore.test(name)) return Option.none()
  if (sshKey.test(name)) return Option.some("a private SSH key")
  if (keyStore.test(name)) return Option.some("a key store")
  if (credentials.test(name) || credentials.test(path)) return Option.some("a file of credentials")
  return maybeKey.test(name) && !showsNoKey(file) ? Option.some("a private key") : Option.none()
}

export const keyFile = newFileRule("key-file", (path, file) =>
  Option.map(kindOf(path, file), (kind) => ({
    rule: "key-file",
    severity: isTestPath(path) ? "medium" : "critical",
    title: `${kind.charAt(0).toUpperCase()}${kind.slice(1)} is committed`,
    message:
      `By its name, \`${path}\` is ${kind}. Whoever can read the repository can use it, and it stays in the history even if a ` +
      "later commit removes it. If it is real: replace it where it is used, take it out of the branch's history, and list it in " +
      "`.gitignore`."
  }))
)
