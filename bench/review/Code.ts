/** Lines as programs have them, in several languages: of the usual length, indented, with comments and blank lines. */
import type { Random } from "./Random.ts"

const nouns =
  "account address amount batch booking bucket cache cart channel chunk client config connection context cursor customer deadline delivery discount entry event filter header index invoice item job key ledger limit line message metric offset order owner page parser password payment period policy price queue quota rate record region report request response result retry role row schedule secret session shard signal snapshot source state status step stream tenant token total transfer user value version warehouse window worker".split(
    " "
  )
const verbs =
  "add apply build cancel check claim close collect compute copy count create decode delete encode fetch find flush format handle insert load lock map merge notify open parse persist publish read refresh reject release remove render reset resolve restore save schedule select send split start store update validate wait write".split(
    " "
  )
const words =
  "a after all and at be before been by can change could each else empty end every fails first for from given has if in is it its keep last may missing more must never next no not of on once one only or other over same should so than that the then there they this to until was were when where which with without".split(
    " "
  )

/**
 * `{n}` a noun, `{v}` a verb, `{N}` and `{V}` the same with a capital, `{i}` a number, `{s}` some words, `{S}` the same as
 * a sentence, `{d}` a dollar.
 */
const templates = {
  ts: [
    "export const {v}{N} = ({n}: {N}, {n}s: ReadonlyArray<{N}>): {N}{N} => {",
    "  const {n} = await this.{n}{N}.{v}({ {n}Id: {n}.id, limit: {i}, {n} })",
    "  if ({n}.{n}Count > {i} && !{n}.is{N}) return undefined",
    "    throw new {N}Error(`{s}: {d}{{n}.{n}Id}`)",
    "  // {S}.",
    '  {n}s.push({ kind: "{n}", {n}: {v}{N}({n}), at: {i}, label: "{s}" })',
    "  return {n}s.filter(({ {n} }) => {n}.{v}dAt !== null).map(({n}) => {n}.{n}Id)",
    'import { {v}{N}, type {N}{N} } from "./{n}/{N}{N}.ts"',
    "  readonly {n}{N}: Option.Option<{N}>",
    '    case "{n}-{n}": {',
    "}",
    "",
    '  assert.strictEqual({v}{N}({n}).{n}, {i}, "{s}")',
    "  for (const [{n}, {n}{N}] of Object.entries({n}By{N})) total += {n}{N} * {i}",
    "  /** {S}. */",
    "  }",
    "    const {n}{N} = Math.max({i}, {n}.length - {i})"
  ],
  py: [
    "def {v}_{n}(self, {n}: {N}, *, {n}_limit: int = {i}) -> list[{N}]:",
    "    {n} = await self._{n}_{n}.{v}({n}_id={n}.id, limit={i})",
    "    if {n}.{n}_count > {i} and not {n}.is_{n}:",
    '        raise {N}Error(f"{s}: {{n}.{n}_id!r}")',
    "    # {S}.",
    '    logger.warning("{s} %s", {n}.{n}_id, extra={"{n}": {n}, "{n}_{n}": {i}})',
    "    return [{n}.{n}_id for {n} in {n}s if {n}.{v}d_at is not None]",
    "from app.{n}.{n}_{n} import {N}{N}, {v}_{n}",
    "",
    '    """{S}."""',
    "    with self.{n}.{v}({i}) as {n}:",
    '    assert response.json()["{n}"]["{n}_{n}"] == {i}',
    "        {n}s[{n}.{n}_id] = {v}_{n}({n}, {i})",
    '@pytest.mark.parametrize("{n}", [{i}, {i}, {i}])'
  ],
  go: [
    "func (s *{N}{N}) {V}{N}(ctx context.Context, {n} *{N}) ([]{N}, error) {",
    "\t{n}, err := s.{n}s.{V}(ctx, {n}.ID, {i})",
    "\tif err != nil {",
    '\t\treturn nil, fmt.Errorf("{v} {n} %s: %w", {n}.ID, err)',
    "\t}",
    "\tfor _, {n} := range {n}s {",
    "\t\tif {n}.{N}Count > {i} && !{n}.Is{N} {",
    "\t// {V}{N} {s}.",
    "}",
    "",
    '\tslog.InfoContext(ctx, "{s}", "{n}", {n}.{N}ID, "{n}s", len({n}s))',
    "\tdefer s.mu.Unlock()",
    '\t{N}{N} int64 `json:"{n}_{n},omitempty" db:"{n}_{n}"`',
    "\t{n}s = append({n}s, {N}{{N}ID: {n}.ID, {N}: {i}})"
  ],
  java: [
    "    public Optional<{N}{N}> {v}{N}(final {N} {n}, final List<{N}> {n}s) {",
    "        final var {n}{N} = {n}Repository.{v}By{N}Id({n}.get{N}Id(), PageRequest.of(0, {i}));",
    "        if ({n}.get{N}Count() > {i} && !{n}.is{N}()) {",
    '            throw new {N}{N}Exception("{s}: " + {n}.get{N}Id());',
    "        // {S}.",
    "        }",
    "    }",
    "",
    "    @Transactional(readOnly = true)",
    "        return {n}s.stream().filter({N}::is{N}).map({N}::get{N}).collect(Collectors.toList());",
    "    private final {N}{N} {n}{N};",
    "import com.example.{n}.{n}.{N}{N};",
    "     * {S}.",
    '        log.debug("{s} {} {}", {n}.get{N}Id(), {n}s.size());'
  ],
  rs: [
    "    pub async fn {v}_{n}(&self, {n}: &{N}, {n}s: &[{N}]) -> Result<Vec<{N}{N}>, {N}Error> {",
    "        let {n} = self.{n}_{n}.{v}({n}.id, {i}).await?;",
    "        if {n}.{n}_count > {i} && !{n}.is_{n}() {",
    '            return Err({N}Error::{N}(format!("{s}: {}", {n}.{n}_id)));',
    "        // {S}.",
    "        }",
    "    }",
    "",
    "        let {n}s: HashMap<_, _> = {n}s.iter().map(|{n}| ({n}.id, {n}.{n}.clone())).collect();",
    "#[derive(Debug, Clone, Serialize, Deserialize)]",
    "    pub {n}_{n}: Option<{N}<{i}>>,",
    "        match {n}.{n} {",
    "            {N}::{N} { {n}, .. } => {n}s.{v}({n}),",
    '        tracing::warn!(%{n}.{n}_id, "{s}");',
    "    /// {S}."
  ],
  yml: [
    "  - name: {V} {n} {n}",
    "    {n}_{n}: {i}",
    "    uses: acme/{v}-{n}@v{i}",
    "  {n}: &{n}-{n}",
    '    - "{n}/**/*.{n}"',
    '    {n}: "{s}"',
    "    # {s}",
    "      {n}: {d}{{ {n}.{n} }}"
  ]
} as const

export type Language = keyof typeof templates
export const languages = ["ts", "py", "go", "java", "rs", "yml"] as const satisfies ReadonlyArray<Language>

const oneOf = (list: ReadonlyArray<string>, { int }: Random): string => list[int(list.length)] ?? ""

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)

/** Some words of prose, about these things. */
export const sentence = (random: Random, length: number): string =>
  Array.from({ length }, () => oneOf([words, words, nouns, verbs][random.int(4)] ?? words, random)).join(" ")

/** One line of a program. */
export const codeLine = (language: Language, random: Random): string =>
  oneOf(templates[language], random).replace(/\{([nvNVisSd])\}/g, (_, kind: string) => {
    switch (kind) {
      case "n":
        return oneOf(nouns, random)
      case "N":
        return capital(oneOf(nouns, random))
      case "v":
        return oneOf(verbs, random)
      case "V":
        return capital(oneOf(verbs, random))
      case "i":
        return String(random.int(random.pick([10, 100, 5000])))
      case "d":
        return "$"
      case "S":
        return capital(sentence(random, 8 + random.int(8)))
      default:
        return sentence(random, 3 + random.int(5))
    }
  })
