/**
 * Paths in GitHub's own notation, as in `/repos/{owner}/{repo}/contents/{path}`. Serves to route requests and to say
 * which requests a fault concerns, so that both mean the same.
 */
export interface PathPattern {
  readonly template: string
  /** The parameters, decoded, or undefined when the path does not match. */
  readonly match: (path: string) => { readonly [name: string]: string } | undefined
}

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/**
 * `{name}` and `*` stand for one segment, `{path}` and `**` for the rest, slashes included.
 * `/repos/acme/shop/pulls/*\/reviews` is a pattern too.
 */
export const pathPattern = (template: string): PathPattern => {
  const names: Array<string> = []
  const source = template.replace(
    /\{(\w+)\}|\*\*|\*|[.+?^$()|[\]\\]/g,
    (found: string, name: string | undefined) => {
      if (name !== undefined) {
        names.push(name)
        return name === "path" ? "(.*)" : "([^/]+)"
      }
      if (found === "**") return ".*"
      return found === "*" ? "[^/]+" : `\\${found}`
    }
  )
  const expression = new RegExp(`^${source}$`)
  return {
    template,
    match: (path) => {
      const found = expression.exec(path)
      return found
        ? Object.fromEntries(names.map((name, index) => [name, decode(found[index + 1] ?? "")]))
        : undefined
    }
  }
}
