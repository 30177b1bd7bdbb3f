/**
 * Octokit as we use it: the plain client of @octokit/rest, without plugins that retry or throttle, and without
 * anything that writes to the console.
 */
import { Octokit } from "@octokit/rest"

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

const withoutBody: ReadonlySet<number> = new Set([204, 205, 304])

/**
 * Reads the whole answer before Octokit sees it. Octokit takes an answer that breaks off in the middle for a shorter
 * one; read here, it is an error of the network.
 */
const fetchWhole: typeof fetch = async (input, init) => {
  const { body, headers, status, statusText } = await fetch(input, init).then(async (response) => ({
    body: await response.arrayBuffer(),
    headers: response.headers,
    status: response.status,
    statusText: response.statusText
  }))
  return new Response(withoutBody.has(status) ? null : body, { headers, status, statusText })
}

/** A client that holds no credentials: each request brings its own. */
export const makeOctokit = (apiUrl: string): Octokit =>
  new Octokit({
    baseUrl: apiUrl.replace(/\/+$/, ""),
    userAgent: "holdfast",
    log: silent,
    request: { fetch: fetchWhole, log: silent }
  })
