/** Shows a run while it happens, in the best way that the terminal allows. */

import process from "node:process";
import type { FollowState } from "../../client/mod.ts";
import type { StreamEvent } from "../../events/stream_event.ts";
import { eventTime } from "../../view/event_time.ts";
import { RunPicture } from "../../view/run_picture.ts";
import { isOver } from "../../view/run_summary.ts";
import { ConnectionNotes } from "./connection_notes.ts";
import { drawRun } from "./draw.ts";
import { plainEnd, plainEvent, plainNote } from "./plain.ts";
import { oneLine } from "./text.ts";
import { capabilitiesOf, Frame, restoreOnExit } from "./terminal.ts";

/** A run on the screen. */
export interface RunDisplay {
  /** What is known of the run. */
  readonly picture: RunPicture;
  /** Shows one event. */
  event(event: StreamEvent): void;
  /** Shows that the connection is lost, back, and what that has cost: the `onState` of `followRun()`. */
  connection(state: FollowState): void;
  /** Shows what it waits for until the first event. */
  hint(text: string): void;
  /** Shows something that is not an event, such as a lost connection; calling what it returns rewords it. */
  note(text: string): (rewording: string) => void;
  /** Leaves the last picture to stand, and gives the terminal back. */
  close(): void;
}

/** Options of {@linkcode showRun}. */
export interface ShowRunOptions {
  /** Shown as the run's name, until the run says what it is called. */
  name: string;
  /** Where the events come from. */
  source: string;
  /** What is done with the source. @default {"following"} */
  verb?: string;
  /** The time by which running things are drawn, in milliseconds since 1970. @default {Date.now} */
  now?: () => number;
}

/**
 * Begins to show a run on standard output: as a picture that is drawn over itself, or as plain lines without
 * a terminal, or in one that is narrow or has no color (`NO_COLOR`, `TERM=dumb`).
 *
 * - **Data is not obeyed:** control characters in events are shown as `␛` and the like.
 * - **The terminal** gets its cursor back however the program ends.
 *
 * @example Show a run of this process
 * ```ts
 * import { EventBus, runContext, withSpan } from "@locus/core";
 * import { showRun } from "@locus/core/cli";
 * import { assertEquals } from "@std/assert";
 *
 * const bus = new EventBus();
 * const display = showRun({ name: "order-42", source: "this process" });
 * runContext({ runId: "order-42", bus }, () => withSpan("quote", () => {}));
 * bus.closeStream("order-42");
 *
 * for await (const event of bus.subscribe("order-42")) display.event(event);
 * display.close();
 * assertEquals(display.picture.rows.length, 1);
 * ```
 */
export function showRun(options: ShowRunOptions): RunDisplay {
  const { live, width } = capabilitiesOf(process.stdout, process.env);
  // More lines than a person reads, and few enough to be laid out many times a second.
  const picture = new RunPicture(options.name, { maxRows: 1_000 });
  const screen = live ? showLive(picture, options) : showPlain(picture, options, width);
  const notes = new ConnectionNotes(screen.note);
  return {
    ...screen,
    connection: (state) => notes.state(state),
    event(event) {
      notes.event(event);
      screen.event(event);
    },
  };
}

/** What knows nothing of connections. */
type Screen = Omit<RunDisplay, "connection">;

function showLive(picture: RunPicture, { now = Date.now, ...options }: ShowRunOptions): Screen {
  const frame = new Frame(process.stdout);
  // A server whose clock is ahead must not make running things begin in the future.
  let aheadMs = 0;
  let hint = "";
  const draw = (height: number) => {
    const width = process.stdout.columns || 80;
    const shown = { ...options, hint, width, height, now: now() + aheadMs, colour: true };
    frame.draw(drawRun(picture, shown));
  };
  // The last row stays free: a newline on it would scroll the frame out from under itself.
  const tick = () => draw((process.stdout.rows || 24) - 1);
  const timer = setInterval(tick, REDRAW_MS);
  const undo = restoreOnExit(() => frame.close());
  tick();
  return {
    picture,
    event(event) {
      picture.add(event);
      aheadMs = Math.max(aheadMs, (eventTime(event) ?? 0) - now());
    },
    hint: (text) => void (hint = text),
    note(text) {
      const note = picture.addNote(text);
      return (rewording) => picture.reword(note, rewording);
    },
    close() {
      clearInterval(timer);
      // Parts of a tall picture were left out while it moved.
      frame.draw([]);
      draw(Infinity);
      frame.close();
      undo();
    },
  };
}

function showPlain(
  picture: RunPicture,
  { name, source, verb = "following" }: ShowRunOptions,
  width: number,
): Screen {
  const write = (lines: readonly string[]) => {
    for (const line of lines) process.stdout.write(`${line}\n`);
  };
  const writeNote = (text: string) => write(plainNote(picture, text, width));
  let latest: StreamEvent | null = null;
  // What was written stays: only the last of several rewordings is worth a line.
  let rewording: string | null = null;
  const settle = () => {
    if (rewording !== null) writeNote(rewording);
    rewording = null;
  };
  write([`${oneLine(name)}  ${verb} ${oneLine(source)}`]);
  return {
    picture,
    event(event) {
      settle();
      latest = event;
      write(plainEvent(picture, event, width));
    },
    hint: writeNote,
    note(text) {
      settle();
      writeNote(text);
      return (words) => void (rewording = words);
    },
    close() {
      settle();
      // Left in the middle: what would have been said at the end.
      if (latest === null || hasSaidItsEnd(latest, picture)) return;
      write(plainEnd(picture, width));
    },
  };
}

/** Whether the lines of the latest event were those of the end. A run that waits is left in the middle. */
function hasSaidItsEnd({ event_type: eventType }: StreamEvent, { summary }: RunPicture): boolean {
  return TERMINAL.has(eventType) || (eventType === "run.completed" && isOver(summary.state));
}

const TERMINAL: ReadonlySet<string> = new Set(["agent.terminate", "bus.end"]);
const REDRAW_MS = 80;
