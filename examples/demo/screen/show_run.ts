/**
 * Shows a run while it happens, in the best way that the terminal allows.
 *
 * @module
 */
import type { StreamEvent } from "@locus/core";
import process from "node:process";
import { applyEvent } from "./apply_event.ts";
import { drawRun } from "./draw.ts";
import { drawFacts, type Fact } from "./facts.ts";
import { plainEvent, plainNote } from "./plain.ts";
import { addNote, createRunView, type RunView } from "./run_view.ts";
import { capabilitiesOf, Frame, restoreOnExit } from "./terminal.ts";

/** A run on the screen. */
export interface RunDisplay {
  /** Shows one event. */
  event(event: StreamEvent): void;
  /** Shows something that is no event, such as a lost connection; calling it again rewords it. */
  note(text: string): (rewording: string) => void;
  /** Leaves the last picture to stand. */
  close(): void;
}

/** Options of {@linkcode showRun}. */
export interface ShowRunOptions {
  /** Shown as the run's name. */
  name: string;
  /** Where the events come from. */
  source: string;
}

/** Begins to show a run on standard output. */
export function showRun(options: ShowRunOptions): RunDisplay {
  const { live, width } = capabilitiesOf(process.stdout, process.env);
  return live ? showLive(createRunView(), options) : showPlain(createRunView(), options, width);
}

/** Prints labelled lines on standard output. */
export function printFacts(facts: readonly Fact[]): void {
  const { live, width } = capabilitiesOf(process.stdout, process.env);
  process.stdout.write(`\n${drawFacts(facts, width, live).join("\n")}\n\n`);
}

function showLive(view: RunView, options: ShowRunOptions): RunDisplay {
  const frame = new Frame(process.stdout);
  const draw = (height: number) => {
    const width = process.stdout.columns || 80;
    frame.draw(drawRun(view, { ...options, width, height, now: Date.now(), colour: true }));
  };
  // The last row stays free: a newline on it would scroll the frame out from under itself.
  const tick = () => draw((process.stdout.rows || 24) - 1);
  const timer = setInterval(tick, REDRAW_MS);
  const undo = restoreOnExit(() => frame.close());
  tick();
  return {
    event: (event) => void applyEvent(view, event),
    note(text) {
      const note = addNote(view, text);
      return (rewording) => void (note.text = rewording);
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

function showPlain(view: RunView, options: ShowRunOptions, width: number): RunDisplay {
  const write = (lines: readonly string[]) => {
    for (const line of lines) process.stdout.write(`${line}\n`);
  };
  const note = (text: string) => write(plainNote(view, text, Date.now(), width));
  write([`${options.name}  following ${options.source}`]);
  return {
    event: (event) => write(plainEvent(view, event, width)),
    note(text) {
      note(text);
      return note;
    },
    close: () => {},
  };
}

const REDRAW_MS = 80;
