/**
 * What there is to draw of a run: a tree of turns, spans and notes. Knows nothing of terminals.
 *
 * @module
 */

/** How a run stands. */
export type RunState = "connecting" | "running" | "waiting" | "done" | "stopped" | "failed";

/** A run as far as its events have told. Times are the events' own, in milliseconds since 1970. */
export interface RunView {
  state: RunState;
  /** Why it ended, or null while it has not. */
  reason: string | null;
  startedAt: number | null;
  endedAt: number | null;
  modelCalls: number;
  toolCalls: number;
  tokens: number;
  rows: Row[];
  /** Of spans that have not begun yet: which span each is part of. */
  links: Map<string, string>;
  /** What the model is writing; its answer, once the run is over. */
  text: string;
  /** Whether `text` is only the start of what the model wrote. */
  textIsPreview: boolean;
}

/** One line of the picture. */
export type Row = Turn | Span | Note;

/** One turn of the model, and what it asked for. */
export interface Turn {
  kind: "turn";
  iteration: number;
  startedAt: number;
  /** When its text was complete, or null while the model is at work. */
  endedAt: number | null;
  text: string;
  tokens: number;
  children: Row[];
}

/** Work with a beginning and an end: a tool call, or what somebody made a span of. */
export interface Span {
  kind: "span";
  spanId: string;
  name: string;
  /** What it works on. */
  subject: string;
  state: "running" | "done" | "failed";
  startedAt: number;
  durationMs: number | null;
  /** The start of its result, or its error. */
  result: string;
  /** Siblings that ran at the same time share a batch. */
  batch: number;
  children: Row[];
}

/** Something worth a line of its own: a lost connection, a gap, an event that has no picture. */
export interface Note {
  kind: "note";
  text: string;
  warning: boolean;
}

/** A run of which nothing is known yet. */
export function createRunView(): RunView {
  return {
    state: "connecting",
    reason: null,
    startedAt: null,
    endedAt: null,
    modelCalls: 0,
    toolCalls: 0,
    tokens: 0,
    rows: [],
    links: new Map(),
    text: "",
    textIsPreview: false,
  };
}

/** Puts a line where the run is now. The note may be reworded later. */
export function addNote(view: RunView, text: string, warning = true): Note {
  const note: Note = { kind: "note", text, warning };
  const turn = lastTurn(view);
  const isOpen = turn !== undefined && (turn.endedAt === null || turn.children.some(isRunning));
  (isOpen ? turn.children : view.rows).push(note);
  return note;
}

/** The text, and that it is a preview if it is one. */
export function textOf({ text, textIsPreview }: RunView): string {
  return textIsPreview ? `${text.trim()} … (a preview)` : text.trim();
}

/** How long the run has been going, or was, in milliseconds. */
export function elapsed(view: RunView, now: number): number {
  return view.startedAt === null ? 0 : (view.endedAt ?? now) - view.startedAt;
}

/** The turn that was begun last. */
export function lastTurn(view: RunView): Turn | undefined {
  return view.rows.findLast((row) => row.kind === "turn");
}

/** Whether this is work that is not over. */
export function isRunning(row: Row): boolean {
  return row.kind === "span" && row.state === "running";
}
