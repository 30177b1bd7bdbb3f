/** What earlier reviews posted, for tests. */
import { type Earlier, nothingEarlier, type Posted, type Thread } from "../../src/review/Earlier.ts"

const one = "1".repeat(32)

export const posted = (changes: Partial<Posted> = {}): Posted => ({
  fingerprint: one,
  path: "src/a.ts",
  rule: "model/bug",
  severity: "high",
  title: "Something is wrong",
  ...changes
})

export const thread = (changes: Partial<Thread> = {}): Thread => ({
  id: "T1",
  fingerprint: one,
  path: "src/a.ts",
  startLine: 10,
  line: 12,
  isResolved: false,
  isOutdated: false,
  isAnswered: false,
  ...changes
})

/** What GitHub says of a thread whose lines have changed. */
export const outdated = { isOutdated: true, line: null, startLine: null }

export const earlier = (changes: Partial<Earlier> = {}): Earlier => ({
  ...nothingEarlier,
  posted: [posted()],
  ...changes
})
