/**
 * A run as a picture: a pure function from what is known of it to lines of text.
 *
 * ```text
 * ● demo  running  1.7 s   1 model call  2 tools     112 tok   following http://127.0.0.1:41233
 * ├─ think 0        I need the sizes.                ✓   1.1 s    112 tok  ━━━━━━━━━━───────
 * │  └┬ count_lines src             ✓  412 ms  5,412 lines in 38 files    ──────────━━━━────
 * │   └ read_file   src/core/bus.ts ✓   31 ms  60 lines                   ──────────━──────
 * ├─ think 1                                         ⠦   50 ms             ──────────────━──
 * ▏The largest file is src/core/bus.ts.
 * ```
 */

import { waitingCalls } from "../../view/content_words.ts";
import { isRunning, type PictureTurn } from "../../view/picture_rows.ts";
import type { RunPicture } from "../../view/run_picture.ts";
import { failureOf } from "../../view/run_failure.ts";
import { isOver, type RunState } from "../../view/run_summary.ts";
import { count, formatDuration } from "../../view/words.ts";
import { failureWords, missingWords } from "./failure_words.ts";
import { paint, type Segment, type Style } from "./paint.ts";
import { quoteName } from "./quote_name.ts";
import { elapsed } from "./run_time.ts";
import { oneLine, textWidth, truncate, wrap } from "./text.ts";
import { drawLine, layoutOf, linesOf, type TreeLine } from "./tree.ts";

/** How to draw. */
export interface DrawOptions {
  /** Cells a line may take. */
  width: number;
  /** The time, in milliseconds since 1970: how far running things have got. */
  now: number;
  /** Shown as the run's name, until the run says what it is called. */
  name: string;
  /** Where the events come from. */
  source?: string;
  /** What is done with the source. @default {"following"} */
  verb?: string;
  /** @default {false} */
  colour?: boolean;
  /** Shown until the first event, such as "this run does not exist yet". */
  hint?: string;
  /** Lines the picture may take; the top of the tree is left out to stay within. @default {all it needs} */
  height?: number;
}

/** Draws a run, top line first. */
export function drawRun(picture: RunPicture, options: DrawOptions): string[] {
  const { width, height = Infinity, colour = false, now, hint = "" } = options;
  const text = picture.rows.length === 0 && hint !== ""
    ? wrap(hint, Math.max(1, width - 2)).map((line): Segment[] => [["  "], [line, "notice"]])
    : [
      ...drawText(picture, width),
      ...drawFailure(picture, width, height >= ROOMY),
      ...drawQuestion(picture, width),
    ];
  const lines = linesOf(picture);
  const layout = layoutOf(picture, lines, width, now);
  const room = height - 1 - text.length;
  const hidden = lines.length > room ? lines.length - Math.max(0, room - 1) : 0;
  const tree = lines.slice(hidden).map((line) => drawLine(line, layout));
  if (hidden > 0) tree.unshift(drawHidden(lines.slice(0, hidden)));
  return [headerOf(picture, options), ...tree, ...text].map((line) => paint(line, width, colour));
}

function headerOf(
  picture: RunPicture,
  { now, name, source, verb = "following", width }: DrawOptions,
): Segment[] {
  const { summary } = picture;
  const [glyph, style, state] = stateOf(picture);
  const titled = (cells: number): Segment[] => [
    [`${glyph} `, style],
    [truncate(oneLine(summary.title ?? name), cells), "bold"],
    [`  ${state.padEnd(7)}`, style],
    [` ${formatDuration(elapsed(picture, now)).padStart(6)}`],
  ];
  const trouble: Segment[] = [];
  if (summary.errors > 0) trouble.push([`  ${count(summary.errors, "error")}`, "failed"]);
  if (summary.state === "stopped" && summary.reason !== null) {
    trouble.push([`  ${oneLine(summary.reason)}`, "notice"]);
  }
  const tokens = `${summary.total_tokens.toLocaleString("en-US")} tok`;
  const tools = count(summary.tool_calls, "tool");
  // The counters stay where they are while they grow, if there is room for that.
  const counters = [
    count(summary.model_calls, "model call").padStart(13),
    tools.padStart(8),
    tokens.padStart(11),
  ].join(" ");
  let title = titled(Infinity);
  let head: Segment[] = [...title, [`  ${counters}`], ...trouble];
  // A long title makes room for what changes.
  if (cellsOf(head) > width) title = titled(Math.max(MIN_TITLE, Math.floor(width * 0.4)));
  // A counter is there as a whole, or not at all.
  const short = [count(summary.model_calls, "call"), tools, tokens];
  while (cellsOf(head) > width && short.length > 0) {
    head = [...title, ...trouble, [`  ${short.join(" · ")}`]];
    short.pop();
  }
  const room = width - cellsOf(head);
  const place = source === undefined ? "" : oneLine(source);
  // What it is called in addresses and commands, where it has a title.
  const id = summary.title === null || place === "" ? "" : `${place} · ${oneLine(name)}`;
  for (const text of [id && `${verb} ${id}`, id, `${verb} ${place}`, place]) {
    if (place !== "" && text !== "" && textWidth(text) + 2 <= room) {
      return [...head, [text.padStart(room), "dim"]];
    }
  }
  return head;
}

function cellsOf(segments: readonly Segment[]): number {
  return segments.reduce((cells, [text]) => cells + textWidth(text), 0);
}

/** How a run stands: a sign, its colour and a word. */
export function stateOf(
  { summary, startedAt }: Pick<RunPicture, "summary" | "startedAt">,
): readonly [glyph: string, style: Style, word: string] {
  // A newer server may know states that this version does not.
  const state: string = summary.state;
  if (state === "running" && startedAt === null) return ["○", "dim", "no events yet"];
  if (Object.hasOwn(STATES, state)) return [...STATES[state as RunState], state];
  return ["?", "dim", truncate(oneLine(state), MAX_STATE)];
}

/** What does not fit; what of it is still going on is worth a word. */
function drawHidden(lines: readonly TreeLine[]): Segment[] {
  const running = lines.flatMap(({ row }) =>
    typeof row !== "number" && row.kind !== "note" && row.endedAt === null ? [row] : []
  );
  // The innermost is what is being done.
  const names = running.filter(({ children }) => !children.some(isRunning)).slice(-2).map((row) =>
    row.kind === "turn" ? `think ${row.iteration}` : quoteName(row.name)
  );
  const now = running.length > 0 ? `, ${running.length} still running: ${names.join(", ")}` : "";
  return [
    ["│  ", "dim"],
    [`${count(lines.length, "line")} above`, "dim"],
    [now, "running"],
  ];
}

/** What the model is writing: the last lines of it while it does, all of it when the run is over. */
function drawText(picture: RunPicture, width: number): Segment[][] {
  const isWhole = isOver(picture.summary.state);
  const text = textOf(picture.speaking, isWhole ? Infinity : LIVE_TEXT_LINES * width);
  if (text === "") return [];
  const lines = wrap(text, Math.max(1, Math.min(100, width - 2)));
  return (isWhole ? lines : lines.slice(-LIVE_TEXT_LINES)).map((line) => [
    ["▏", isWhole ? "done" : "running"],
    [line],
  ]);
}

/** Why it failed, at the very end: that is what a person looks for first. */
function drawFailure(picture: RunPicture, width: number, isRoomy: boolean): Segment[][] {
  const failure = failureOf(picture);
  if (failure === null) return [];
  const missing = isRoomy ? missingWords(failure, picture) : "";
  const lines = wrap(failureWords(failure).join(" · "), Math.max(1, width - 2))
    .slice(0, FAILURE_LINES)
    .map((line, at): Segment[] => [[at === 0 ? "✗ " : "  ", "failed"], [line, "failed"]]);
  return missing === "" ? lines : [...lines, [[`  ${missing}`, "dim"]]];
}

/** What a person is asked, and what the calls are that wait for the answer. */
function drawQuestion(picture: RunPicture, width: number): Segment[][] {
  const { question, state } = picture.summary;
  if (question === null || state !== "waiting") return [];
  const asked = oneLine(String(question.question_preview));
  return [asked, ...waitingCalls(picture).map(oneLine)].flatMap((text, at) =>
    wrap(text, Math.max(1, width - 2)).slice(0, QUESTION_LINES)
      .map((line, nth): Segment[] => [[at + nth === 0 ? "◐ " : "  ", "notice"], [line]])
  );
}

/** The end of a turn's text, and what is missing of it. */
export function textOf(turn: PictureTurn | null, length = Infinity): string {
  if (turn === null || turn.text.trim() === "") return "";
  const { text, textLeftOut, textIsPreview, textHasGap } = turn;
  const shown = text.length > length ? text.slice(-length) : text;
  const start = textLeftOut > 0 || shown !== text ? "… " : "";
  const flaws = [
    textIsPreview ? " … (a preview)" : "",
    textHasGap ? " (parts of it are missing)" : "",
    turn.state === "lost" ? " … (cut off)" : "",
  ];
  const end = flaws.find((flaw) => flaw !== "") ?? "";
  return `${start}${shown.trim()}${end}`;
}

const STATES: Readonly<Record<RunState, readonly [glyph: string, style: Style]>> = {
  running: ["●", "running"],
  waiting: ["◐", "notice"],
  done: ["✓", "done"],
  stopped: ["■", "notice"],
  cancelled: ["⊘", "notice"],
  failed: ["✗", "failed"],
  ended: ["■", "dim"],
};
const LIVE_TEXT_LINES = 4;
const FAILURE_LINES = 4;
/** From so many lines on there is room for advice. */
const ROOMY = 10;
const QUESTION_LINES = 4;
const MIN_TITLE = 12;
const MAX_STATE = 12;
