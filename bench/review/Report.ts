/** The review's figures as people read them, and as JSON. */
import { type Computer, sayComputer } from "../host/Machine.ts"
import { round } from "../host/Statistics.ts"
import { markdown, type Part, terminal } from "../Tables.ts"
import type { Results } from "./Measure.ts"
import type { Form, Reader, Tokens } from "./Protocol.ts"

const times = (value: number) => `${round(value)} ×`
const millis = (value: number) => `${round(value)} ms`
const percent = (value: number) => `${value > 0 ? "+" : ""}${(100 * value).toFixed(1)} %`
const count = (value: number) => value.toLocaleString("en")

const forms: { readonly [F in Form]: string } = { list: "GitHub's list", git: "git diff" }
const readers: { readonly [R in Reader]: string } = {
  rules: "the rules alone",
  "model, as it stands": "a model, secrets left in",
  "model, 200,000 tokens": "a model, as far as the usual max_tokens",
  model: "a model"
}

const pipeline = ({ pipeline: ways }: Results): ReadonlyArray<Part> =>
  ways === undefined
    ? []
    : [
        {
          title: "A pull request of 200 files and 10,000 changed lines: parse, filter, chunk, place",
          meaning:
            "What the pipeline itself takes before and after the model: the target is 150 ms, with the search for secrets and the rules' own looking aside, which cost more than all of it and are measured below. For a model, sizes are counted by a tokenizer, and its column `redact` is the search for secrets in what it is shown. The findings are placed by their quotes, half of which are spoilt. The rival is the `diff` package that reads git's format for us, on the same text in the same run.",
          header: [
            "prepared for, from",
            "findings",
            "on lines",
            "parse",
            "filter",
            "redact",
            "chunk",
            "place",
            "in all",
            "without redact, to 150 ms",
            "in all, to diff's parsePatch",
            "parse, to JSON.parse of the list"
          ],
          rows: ways.map((way) => [
            `${readers[way.reader]}, ${forms[way.form]}`,
            String(way.findings),
            String(way.onLines),
            millis(way.parse),
            millis(way.filter),
            way.reader === "model" ? millis(way.show) : "",
            millis(way.chunk),
            millis(way.place),
            millis(way.all),
            times((way.all - way.show) / 150),
            times(way.all / way.parsePatch),
            times(way.parse / way.json)
          ])
        }
      ]

const growth = ({ growth: ways }: Results): ReadonlyArray<Part> =>
  ways === undefined
    ? []
    : [
        {
          title: "The same, 4 and 16 times as large",
          meaning:
            "Whether a line costs more in a large change than in a small one: the time of a line to that of a line at 1 ×. Of what takes seconds it is one run, with its garbage. Without the limits on files and tokens, which a large change meets in life.",
          header: ["prepared for, from", "grows by", "1 ×", "4 ×", "16 ×", "a line at 4 ×", "a line at 16 ×"],
          rows: ways.map(({ form, how, reader, stages }) => {
            const [one, ...larger] = stages
            const perLine = (stage: (typeof stages)[number] | undefined) =>
              stage ? stage.all / stage.lines : Number.NaN
            return [
              `${readers[reader]}, ${forms[form]}`,
              how,
              ...stages.map((stage) => (stage === null ? "no time left" : millis(stage.all))),
              ...larger.map((stage) => (stage === null ? "" : times(perLine(stage) / perLine(one))))
            ]
          })
        }
      ]

const whole = ({ whole: ways }: Results): ReadonlyArray<Part> =>
  ways === undefined
    ? []
    : [
        {
          title: "All that a review of it computes",
          meaning:
            "From GitHub's list to what is posted, with every rule and every search for secrets, but for the time that GitHub and the model take: the model answers at once.",
          header: ["reviewed by", "time"],
          rows: ways.map(({ millis: time, withModel }) => [
            withModel ? readers.model : readers.rules,
            millis(time)
          ])
        }
      ]

const slows = { none: "all alike", first: "the first takes three times as long", last: "the last does" }

const parts = ({ parts: ways }: Results): ReadonlyArray<Part> =>
  ways === undefined
    ? []
    : [
        {
          title: "A review of 7 parts",
          meaning:
            "How long a review takes when every part has its own question and the model takes its time. One review asks up to 8 questions at once, and a process as many as HOLDFAST_MODEL_CONCURRENCY says, so that 7 parts are one round. What the limit allows is the least; the rest is what Holdfast computes, which does not grow with the model's time.",
          header: [
            "parts",
            "at once",
            "slowest part",
            "review",
            "to the slowest part",
            "least",
            "to the least"
          ],
          rows: ways.map(({ concurrency, least, millis: time, slow, slowest }) => [
            slows[slow],
            String(concurrency),
            millis(slowest),
            millis(time),
            times(time / slowest),
            millis(least),
            times(time / least)
          ])
        }
      ]

const memory = ({ memory: found }: Results): ReadonlyArray<Part> =>
  found === undefined
    ? []
    : [
        {
          title: "Memory for a diff of 20 MB: parse, filter, chunk",
          meaning:
            "The peak of a process of its own, from reading the text to its chunks; the limit is 300 MB. A process that has only loaded the pipeline stands for what is there anyway.",
          header: ["prepared for, from", "text", "chunks", "peak", "above idle", "to 300 MB"],
          rows: [
            ["idle", "", "", `${found.idleMb} MB`, "", times(found.idleMb / 300)],
            ...found.ways.map(({ chunks, form, megabytes, peakMb, reader }) => [
              `${readers[reader]}, ${forms[form]}`,
              `${megabytes.toFixed(1)} MB`,
              count(chunks),
              `${peakMb} MB`,
              `${peakMb - found.idleMb} MB`,
              times(peakMb / 300)
            ])
          ]
        }
      ]

const tokens = ({ tokens: kinds }: Results): ReadonlyArray<Part> => {
  if (kinds === undefined) return []
  const encodings = Object.keys(kinds[0]?.actual ?? {})
  const counters = Object.keys(kinds[0]?.reckoned ?? {})
  const columns = counters.flatMap((counter) => encodings.map((encoding) => ({ counter, encoding })))
  const total = (pick: (kind: Tokens[number]) => number | undefined) =>
    kinds.reduce((sum, kind) => sum + (pick(kind) ?? 0), 0)
  return [
    {
      title: "Tokens reckoned with, to those in the prompt",
      meaning:
        "The error of the size that a part is given, to what gpt-tokenizer counts in the prompt that is sent. For OpenAI, whose tokenizer it is, it is to be within 10 % of o200k_base, that of its models since GPT-4o; other vendors' models cut text into more pieces, so a quarter is added for them. The rules pay for no tokens, and have a third of the bytes for an estimate. In the pull request each hunk is reckoned with its file's header, since it may open a part.",
      header: ["text", ...encodings, ...columns.map(({ counter, encoding }) => `${counter}, to ${encoding}`)],
      rows: [
        ...kinds.map(({ actual, kind, reckoned }) => [
          kind,
          ...encodings.map((encoding) => count(actual[encoding] ?? 0)),
          ...columns.map(({ counter, encoding }) =>
            percent((reckoned[counter] ?? 0) / (actual[encoding] ?? 0) - 1)
          )
        ]),
        [
          "in all",
          ...encodings.map((encoding) => count(total(({ actual }) => actual[encoding]))),
          ...columns.map(({ counter, encoding }) =>
            percent(total(({ reckoned }) => reckoned[counter]) / total(({ actual }) => actual[encoding]) - 1)
          )
        ]
      ]
    }
  ]
}

const partsOf = (results: Results): ReadonlyArray<Part> =>
  [pipeline, growth, whole, parts, memory, tokens].flatMap((part) => part(results))

/** For a terminal. */
export const table = (results: Results): string => terminal(partsOf(results))

/** For `bench/REVIEW.md`. */
export const page = (computer: Computer, load: number, results: Results): string =>
  markdown(
    [
      "# What a review costs, but for the model",
      "",
      "Written by `npm run bench -- --review`; do not edit. Machines differ and are noisy: the ratios within this run are the results, the absolute figures are not.",
      "",
      `- Machine: ${sayComputer(computer)}; load when it began: ${load.toFixed(1)}`,
      "- Method: changes generated from a fixed seed, in six languages; compiled code in a process of its own that is kept warm; medians"
    ],
    partsOf(results)
  )
