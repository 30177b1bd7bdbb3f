/**
 * What acts in a text that GitHub renders: mentions, links, images, tags and the like.
 *
 * It is stricter than Markdown: what would act outside of code must not stand in code either. So it needs no parser, and
 * no way out of a code block can deceive it. Only what a suggestion holds is left out, since it is applied as it stands.
 */

const patterns: Readonly<Record<string, RegExp>> = {
  mention: /@(?=[\w-])/g,
  entity: /&(?:#\d+|#x[\da-f]+|[a-z][a-z\d]*);/gi,
  tag: /<(?=[a-z/!?])/gi,
  image: /!\[/g,
  link: /\](?:\(|:)/g,
  reference: /#\d|\bGH-\d|https?:\/\/[^\s?#]*\/(?:issues|pull|discussions|commit)\//gi,
  drawing: /(?:`{3,}|~{3,})[ \t]*(?:suggestion|mermaid|math|geojson|topojson|stl)\b/gi
}

/** An address that is linked as it stands and leads elsewhere than it seems to, or nowhere on the web. */
const unsafe = (text: string): ReadonlyArray<string> =>
  (text.match(/[a-z][a-z\d+.-]*:\/\/[^\s<>]*/gi) ?? []).filter(
    (address) => !/^https?:\/\/[a-z\d.-]+(?::\d+)?(?:[/?#]|[^a-z\d@]*$)/i.test(address)
  )

/** The tags that a review is made of, each at its place. */
const ours = [
  /^<details>\n<summary>Coverage by file<\/summary>$/m,
  /^<\/details>$/m,
  /^<sub>Reviewed at [^<>\n]*<\/sub>$/m
]
const rule = /^<sub>`+[^`<>\n]+`+ · [0-9a-f]{8}<\/sub>$/gm

/** By which a comment on a finding is known again. In its last line alone, and never twice. */
const findingMarker = /\n<!-- holdfast:finding:v1:[0-9a-f]{32} -->$/

/** The suggestion that a comment offers: one fence to the other, which nothing inside can close. */
export const suggestionIn = (comment: string): string | undefined =>
  /^(`{3,})suggestion\n([\s\S]*?)^\1$/m.exec(comment)?.[2]

const withoutSuggestion = (comment: string): string =>
  comment.replace(/^(`{3,})suggestion\n[\s\S]*?^\1$/m, "")

/** As in `mention @`, for everything that acts and isn't Holdfast's own. The first line of a review is looked at elsewhere. */
export const liveIn = (markdown: string): ReadonlyArray<string> => {
  const text = ours
    .reduce((rest, own) => rest.replace(own, ""), withoutSuggestion(markdown))
    .replace(rule, "")
    .replace(findingMarker, "")
  return [
    ...Object.entries(patterns).flatMap(([name, pattern]) =>
      [...text.matchAll(pattern)].map((match) => `${name} ${text.slice(match.index, match.index + 30)}`)
    ),
    ...unsafe(text).map((address) => `address ${address}`)
  ]
}
