/** The list of commands. */

const commands: ReadonlyArray<readonly [command: string, does: string]> = [
  ["review", "reviews the head commit now, also while reviews are paused, and of a draft"],
  ["review full", "reviews everything anew, and not only what has changed since the last review"],
  ["pause", "no review of this pull request by itself until `resume`; one that runs goes on"],
  ["resume", "goes on with reviews, beginning with what has come in the meantime"],
  [
    "dismiss <finding>…",
    "drops findings by the eight hex digits that their comments name; in a reply to a finding, that one"
  ],
  ["configuration", "shows what is configured, and where"],
  ["help", "shows this list"]
]

export const help = [
  "Comment with one of these in the first line:",
  "",
  "| command | what it does |",
  "| --- | --- |",
  ...commands.map(([command, does]) => `| \`/holdfast ${command}\` | ${does} |`),
  "",
  "They are taken from people with write access to this repository."
].join("\n")

export const notUnderstood = `This is no command that Holdfast knows. ${help}`
