/**
 * A run as a picture: a pure function from what is known of it to lines of text.
 *
 * ```text
 * ● demo  running  1.7 s   1 model call  2 tools     112 tok   following http://127.0.0.1:41233
 * ├─ think 0        I need the sizes.                ✓   1.1 s    112 tok  ━━━━━━━━━━───────
 * │  └┬ count_lines src             ✓  412 ms  5,412 lines in 38 files    ──────────━━━────
 * │   └ read_file   src/core/bus.ts ✓   31 ms  60 lines                   ──────────━──────
 * ├─ think 1                                         ⠦   50 ms             ──────────────━──
 * ▏The largest file is src/core/bus.ts.
 * ```
 *
 * @module
 */
import { paint, type Segment, type Style } from "./paint.ts";
import { elapsed, type RunState, type RunView, textOf } from "./run_view.ts";
import { oneLine, textWidth, wrap } from "./text.ts";
import { drawRow, layoutOf } from "./tree.ts";
import { count, formatDuration } from "./words.ts";

/** How to draw. */
export interface DrawOptions {
  /** Cells a line may take. */
  width: number;
  /** The time, in milliseconds since 1970: how far running things have got. */
  now: number;
  /** Shown as the run's name. */
  name: string;
  /** Where the events come from. */
  source?: string;
  /** @default {false} */
  colour?: boolean;
  /** Lines the picture may take; the middle is left out to stay within. @default {all it needs} */
  height?: number;
}

/** Draws a run, top line first. */
export function drawRun(view: RunView, options: DrawOptions): string[] {
  const { width, height = Infinity, colour = false } = options;
  const over = view.endedAt !== null;
  const head = headerOf(view, options);
  const layout = layoutOf(view, width, options.now);
  const tree = view.rows.flatMap((row, index) =>
    drawRow(row, over && index === view.rows.length - 1, layout)
  );
  const text = drawText(view, width, over);
  const room = height - 1 - text.length;
  if (tree.length > room) {
    const hidden = tree.length - Math.max(0, room - 1);
    tree.splice(0, hidden, [["│  ", "dim"], [`${count(hidden, "line")} above`, "dim"]]);
  }
  return [head, ...tree, ...text].map((line) => paint(line, width, colour));
}

function headerOf(view: RunView, { now, name, source, width }: DrawOptions): Segment[] {
  const [glyph, style] = STATES[view.state];
  const counters = [
    count(view.modelCalls, "model call").padStart(13),
    count(view.toolCalls, "tool").padStart(8),
    `${view.tokens.toLocaleString("en-US")} tok`.padStart(11),
  ].join(" ");
  const head: Segment[] = [
    [`${glyph} `, style],
    [oneLine(name), "bold"],
    [`  ${view.state.padEnd(7)}`, style],
    [formatDuration(elapsed(view, now)).padStart(7)],
    [`  ${counters}`],
  ];
  const room = width - head.reduce((cells, [text]) => cells + textWidth(text), 0);
  const place = source === undefined ? "" : oneLine(source);
  for (const text of [`following ${place}`, place]) {
    if (place !== "" && textWidth(text) + 2 <= room) {
      return [...head, [text.padStart(room), "dim"]];
    }
  }
  return head;
}

/** What the model is writing: the last lines of it while it does, all of it when the run is over. */
function drawText(view: RunView, width: number, over: boolean): Segment[][] {
  const text = textOf(view);
  if (text === "") return [];
  const lines = wrap(text, Math.min(100, width - 2));
  return (over ? lines : lines.slice(-LIVE_TEXT_LINES)).map((line) => [
    ["▏", over ? "done" : "running"],
    [line],
  ]);
}

const STATES: Readonly<Record<RunState, readonly [glyph: string, style: Style]>> = {
  connecting: ["○", "dim"],
  running: ["●", "running"],
  waiting: ["◐", "notice"],
  done: ["✓", "done"],
  stopped: ["■", "notice"],
  failed: ["✗", "failed"],
};
const LIVE_TEXT_LINES = 4;
