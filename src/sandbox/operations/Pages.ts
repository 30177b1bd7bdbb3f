/** https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api */
const defaultPerPage = 30
const maxPerPage = 100

const positive = (text: string | null, fallback: number): number => {
  const number = Number(text)
  return Number.isInteger(number) && number > 0 ? number : fallback
}

export interface Page<A> {
  readonly items: ReadonlyArray<A>
  readonly headers: { readonly [name: string]: string }
}

/** The page that the query asks for, with the Link header that leads to the others. */
export const page = <A>(all: ReadonlyArray<A>, query: URLSearchParams, address: string): Page<A> => {
  const perPage = Math.min(positive(query.get("per_page"), defaultPerPage), maxPerPage)
  const number = positive(query.get("page"), 1)
  const last = Math.max(1, Math.ceil(all.length / perPage))
  const link = (target: number, relation: string): string => {
    const url = new URL(address)
    url.searchParams.set("page", String(target))
    return `<${url.href}>; rel="${relation}"`
  }
  const links = [
    ...(number > 1 ? [link(number - 1, "prev")] : []),
    ...(number < last ? [link(number + 1, "next"), link(last, "last")] : []),
    ...(number > 1 ? [link(1, "first")] : [])
  ]
  return {
    items: all.slice((number - 1) * perPage, number * perPage),
    headers: links.length === 0 ? {} : { link: links.join(", ") }
  }
}
