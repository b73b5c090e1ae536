/**
 * A list of runs: one line each. Below it stand the id and the tags of a run that has a title, what it failed with, and
 * what a person is asked, where that finds no room on the line.
 */

import type { RunSummary } from "../../view/run_summary.ts";
import { isRecord } from "../../core/describe.ts";
import { count, formatDuration } from "../../view/words.ts";
import { stateOf } from "./draw.ts";
import { paint, type Segment, type Style } from "./paint.ts";
import { fit, oneLine, textWidth, truncate, wrap } from "./text.ts";

/** How to draw a list of runs. */
export interface DrawRunsOptions {
  readonly width: number;
  readonly colour: boolean;
  /** The time, in milliseconds since 1970. */
  readonly now: number;
}

/**
 * Draws a list of runs: those that wait for a person, those that failed, those that run, the others. Where there is little room, counters
 * go, the right ones first: never an error or a question.
 */
export function drawRuns(
  list: readonly RunSummary[],
  { width, colour, now }: DrawRunsOptions,
): string[] {
  const runs = list.toSorted((a, b) => urgencyOf(a) - urgencyOf(b))
    .map((run) => readRun(run, now));
  const nameCells = Math.min(
    40,
    Math.max(8, width - OTHER_CELLS),
    Math.max(0, ...runs.map(({ name }) => textWidth(name))),
  );
  const stateCells = Math.max(7, ...runs.map(({ state: [, , word] }) => textWidth(word)));
  const lines = runs.map(({ name, state: [glyph, style, word], took, age, errors }) => ({
    head: [
      [`${glyph} `, style],
      [fit(name, nameCells), "bold"],
      [`  ${fit(word, stateCells)}`, style],
      [` ${took.padStart(8)}`],
      [width < MIN_AGED ? "" : ` ${age.padStart(13)}`, "dim"],
    ] satisfies Segment[],
    errors: (errors === "" ? [] : [[`  ${errors}`, "failed"]]) satisfies Segment[],
  }));
  const longest = Math.max(
    0,
    ...lines.map(({ head, errors }) => cellsOf([...head, ...errors])),
  );
  const shown = countersFor(width - longest);
  return lines.flatMap(({ head, errors }, index) => {
    const { counters, question, facts, error } = runs[index]!;
    const line: Segment[] = [
      ...head,
      ...counters.slice(0, shown).map((text, at): Segment => [text.padStart(COUNTERS[at]!)]),
      ...errors,
    ];
    const asked: Segment = [`  ${question}`, "notice"];
    const fits = question !== "" && cellsOf([...line, asked]) <= width;
    return [
      paint(fits ? [...line, asked] : line, width, colour),
      ...(facts === null ? [] : [paint([["  "], [facts, "dim"]], width, colour)]),
      ...(error === "" ? [] : below(["  error: ", error, "failed"], width, colour)),
      ...(question === "" || fits ? [] : below(["  asks: ", question, "notice"], width, colour)),
    ];
  });
}

/** A text on lines of its own, all of which are indented. */
function below(
  [label, text, style]: readonly [label: string, text: string, style: Style],
  width: number,
  colour: boolean,
): string[] {
  const lines = wrap(text, Math.max(8, width - label.length));
  if (lines.length > MAX_LINES) {
    lines.length = MAX_LINES;
    lines[MAX_LINES - 1] = truncate(`${lines[MAX_LINES - 1]} …`, width - label.length);
  }
  return lines.map((line, at) =>
    paint([[at === 0 ? label : " ".repeat(label.length), "dim"], [line, style]], width, colour)
  );
}

/** What is drawn of a run. It comes from a server of any version: nothing about it is sure. */
function readRun(run: RunSummary, now: number) {
  const startedAt = timeOf(run.started_at);
  const took = startedAt === null ? 0 : (timeOf(run.ended_at) ?? now) - startedAt;
  const question: unknown = run.question?.question_preview;
  const errors = numberOf(run.errors);
  const runId = oneLine(String(run.run_id));
  const title = textOf(run.title);
  return {
    name: title || runId,
    // The id comes first and is whole: other commands want it.
    facts: title === "" ? null : [runId, ...tagsOf(run.tags)].join("  "),
    error: run.state === "failed" ? textOf(run.error) : "",
    state: run.interrupted === true ? INTERRUPTED : stateOf({ summary: run, startedAt }),
    took: formatDuration(took),
    age: startedAt === null ? "" : `${formatDuration(now - startedAt)} ago`,
    counters: [
      count(numberOf(run.model_calls), "model call"),
      count(numberOf(run.tool_calls), "tool"),
      `${numberOf(run.total_tokens).toLocaleString("en-US")} tok`,
    ],
    errors: errors > 0 ? count(errors, "error") : "",
    question: textOf(question),
  };
}

function tagsOf(tags: unknown): string[] {
  if (!isRecord(tags)) return [];
  return Object.entries(tags).slice(0, MAX_TAGS)
    .map(([name, value]) => `${oneLine(name)}=${textOf(value)}`);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? oneLine(value.slice(0, MAX_TEXT)) : "";
}

/** How many of the counters fit into so many cells. */
function countersFor(cells: number): number {
  let shown = 0;
  for (let used = 0; shown < COUNTERS.length; shown++) {
    used += COUNTERS[shown]!;
    if (used > cells) break;
  }
  return shown;
}

/** A person is needed by what waits, and then by what broke; what was listed first stays first among its kind. */
function urgencyOf({ state, interrupted }: RunSummary): number {
  if (state === "waiting") return 0;
  return state === "failed" || interrupted === true ? 1 : state === "running" ? 2 : 3;
}

function cellsOf(segments: readonly Segment[]): number {
  return segments.reduce((cells, [text]) => cells + textWidth(text), 0);
}

function numberOf(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}

function timeOf(timestamp: unknown): number | null {
  const time = typeof timestamp === "string" ? Date.parse(timestamp) : NaN;
  return Number.isNaN(time) ? null : time;
}

const INTERRUPTED = ["✗", "notice", "interrupted"] as const;
/** What a line needs beside the name, its errors counted. */
const OTHER_CELLS = 54;
/** Narrower lines do without the age. */
const MIN_AGED = 62;
/** Cells of each counter's column. */
const COUNTERS = [16, 10, 13];
const MAX_LINES = 3;
const MAX_TAGS = 16;
const MAX_TEXT = 1_000;
