import { Option } from "effect"
import { describe, expect, it } from "vitest"
import { parseCommand } from "../../src/github/Command.ts"

const said = (body: string) => Option.getOrNull(Option.map(parseCommand(body), ({ command }) => command.name))

describe("a comment", () => {
  it.each([
    ["/holdfast review", "review"],
    ["/holdfast review full", "review full"],
    ["/HOLDFAST\tReview   FULL  \r\nwhatever\n/holdfast pause", "review full"],
    ["@holdfast pause", "pause"],
    ["@holdfast[bot] resume\n", "resume"],
    ["/holdfast help", "help"],
    ["/holdfast configuration", "configuration"],
    ["/holdfast", "unknown"],
    ["/holdfast toString", "unknown"],
    ["/holdfast review this, please", "unknown"],
    ["/holdfast pause until Monday", "unknown"],
    ["@holdfast review everything you see", "unknown"]
  ])("that begins %j asks for %s", (body, name) => {
    expect(said(body)).toBe(name)
  })

  it.each([
    "",
    " /holdfast review",
    "    /holdfast review",
    "> /holdfast review",
    "`/holdfast review`",
    "```\n/holdfast review\n```",
    "Please /holdfast review",
    "\n/holdfast review",
    "<!-- /holdfast review -->",
    "/holdfastreview",
    "/holdfast-review",
    "/hold review",
    "@holdfast",
    "@holdfast thank you",
    "@holdfast, review",
    "@acme/holdfast review"
  ])("that begins %j asks for nothing", (body) => {
    expect(said(body)).toBeNull()
  })

  it("mentions somebody, who need not be us", () => {
    expect(Option.getOrNull(parseCommand("@Hubot review"))?.mentions).toBe("Hubot")
    expect(Option.getOrNull(parseCommand("/holdfast review"))?.mentions).toBeNull()
  })

  it("dismisses findings by six to thirty-two hex digits, each once, and counts what can be none", () => {
    const body = "/holdfast dismiss `0a1b2c3d`, 0A1B2C3D ffffff 12345 xyzxyz"
    expect(Option.getOrNull(parseCommand(body))?.command).toEqual({
      name: "dismiss",
      findings: ["0a1b2c3d", "ffffff"],
      misnamed: 2
    })
    expect(Option.getOrNull(parseCommand("/holdfast dismiss"))?.command).toEqual({
      name: "dismiss",
      findings: [],
      misnamed: 0
    })
  })
})
