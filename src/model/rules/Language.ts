/** The language of a file by its name, as coarsely as the rules need it. */

const byExtension: { readonly [extension: string]: Language } = {
  ...Object.fromEntries(
    ["js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts", "vue", "svelte", "astro"].map((extension) => [
      extension,
      "javascript" as const
    ])
  ),
  py: "python",
  pyi: "python",
  rb: "ruby",
  rake: "ruby",
  php: "php",
  go: "go",
  rs: "rust",
  java: "java",
  kt: "java",
  kts: "java",
  scala: "java",
  swift: "c",
  cs: "csharp",
  c: "c",
  h: "c",
  cc: "c",
  cpp: "c",
  hpp: "c",
  dart: "c",
  ex: "elixir",
  exs: "elixir"
}

export type Language =
  | "javascript"
  | "python"
  | "ruby"
  | "php"
  | "go"
  | "rust"
  | "java"
  | "csharp"
  | "c"
  | "elixir"
  | "other"

export const languageOf = (path: string): Language => {
  const extension = /\.([a-z]+)$/i.exec(path)?.[1]?.toLowerCase() ?? ""
  return Object.hasOwn(byExtension, extension) ? (byExtension[extension] ?? "other") : "other"
}
