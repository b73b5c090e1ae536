import { describe, isArray, isRecord } from "../core/describe.ts";
/**
 * One line of the picture of a run. Lines are for reading: only the picture changes them.
 *
 * Times are the events' own, in milliseconds since 1970.
 */
export type PictureRow = PictureTurn | PictureSpan | PictureNote;

/** What every line has. */
export interface RowBase {
  /** Unique in the picture, and never used again. */
  readonly key: number;
  /** What it hangs on; null at the top of the run. */
  parent: PictureTurn | PictureSpan | null;
  /** The picture's `revision` when this line was last changed: what was drawn at it or later is up to date. */
  revision: number;
}

/** What turns and spans have. */
export interface WorkBase extends RowBase {
  /** When it began. */
  startedAt: number;
  /** When it was over; null while it is not. */
  endedAt: number | null;
  /** How long it took, in milliseconds, by its own event; null while it is not over, or if no event has it. */
  durationMs: number | null;
  /** The event that began it; null if that was missed. */
  startEventId: string | null;
  /** The event that ended it; null while there was none. */
  endEventId: string | null;
  /** What hangs on it, in the order in which it began. */
  children: PictureRow[];
  /** How many lines that hung on it are not kept any more. */
  leftOut: number;
}

/**
 * One turn of a model: what it wrote, and under it what it asked for.
 *
 * It is the span of one attempt of a model call. In recordings that have no such spans, it is drawn from the last that
 * was heard of its agent. The tools under it come after its end.
 */
export interface PictureTurn extends WorkBase {
  /** Tells it from other lines. */
  readonly kind: "turn";
  /** The id of its span; null if its events carry none. */
  readonly spanId: string | null;
  /** Which model was called; `""` if no event named it. */
  readonly model: string;
  /** Its index in its agent's run, from 0: a guess until the turn is complete. */
  iteration: number;
  /** `lost`: its end was not seen. */
  state: "running" | "done" | "failed" | "lost";
  /** What the model failed with; `""` if it did not. */
  error: string;
  /** What the model wrote, its end if it is long. */
  text: string;
  /** How many characters before `text` are not kept. */
  textLeftOut: number;
  /** Whether `text` is only the start of what was written, because no more was sent. */
  textIsPreview: boolean;
  /** Whether events were missed while it was written, so that pieces of `text` may be missing. */
  textHasGap: boolean;
  /** When the first of its text arrived; null while nothing has, or if no event says when. */
  firstTokenAt: number | null;
  /** Whether it asked for no tools: its text is the agent's answer. False while the turn is not complete. */
  isAnswer: boolean;
  /** Tokens that it cost, as far as the provider said. */
  tokens: number;
  /** Those of them that went in. */
  promptTokens: number;
  /** Those of them that came out. */
  completionTokens: number;
}

/** What a piece of work is, by the events that tell of it. */
export type SpanRole =
  | "tool"
  | "span"
  | "agent"
  | "run"
  | "specialist"
  | "handoff"
  | "node"
  | "stage"
  | "fanout"
  | "round"
  | "protocol"
  | "query"
  | "compaction"
  | "task"
  | "request"
  | "subagent"
  | "research"
  | "loop";

/**
 * How a piece of work stands. `waiting`: for a person. `lost`: no event about its end will come any more.
 */
export type SpanState = "running" | "done" | "failed" | "skipped" | "waiting" | "lost";

/** Work with a beginning and an end: a pair of events of the catalogue. */
export interface PictureSpan extends WorkBase {
  /** Tells it from other lines. */
  readonly kind: "span";
  /** What it is. */
  readonly role: SpanRole;
  /** Its id on the wire; null if its events carry none. */
  readonly spanId: string | null;
  /** The id that the provider gave a tool call; null for all else. Providers use it again for other calls. */
  readonly callId: string | null;
  /** What is called, or who works. */
  name: string;
  /** What it works on; `""` if no event has it. */
  subject: string;
  /** How it stands. */
  state: SpanState;
  /** The start of its result, or its error; `""` if there is none. */
  result: string;
  /** Which attempt at a tool call it is, from 1, or how many it took; 1 if no event says. */
  attempt: number;
  /** Siblings that ran at the same time share a batch. */
  batch: number;
  /**
   * How much of the time from its beginning to its end it waited for a person, in milliseconds, as far as that is
   * over: `durationMs` does not count it.
   */
  waitedMs: number;
  /** When it waited for a person, oldest first; the last may go on. */
  waits: PictureWait[];
}

/** A time of waiting. */
export interface PictureWait {
  /** When it began. */
  readonly from: number;
  /** When it was over; null while it is not. */
  to: number | null;
}

/** Something worth a line of its own: a gap, a question to a person, an event that has no picture. */
export interface PictureNote extends RowBase {
  /** Tells it from other lines. */
  readonly kind: "note";
  /** What there is to say. */
  text: string;
  /** Whether a person should look at it. */
  warning: boolean;
  /**
   * When it happened. A gap, and all else that has no time of its own, has that of the event before it, or after it
   * at the beginning of a run; null while there is neither.
   */
  at: number | null;
  /** The event's id; null if this is not an event, such as a lost connection. */
  readonly eventId: string | null;
  /** Its type; null if this is not an event. */
  readonly eventType: string | null;
}

/** Whether this is work that is not over. */
export function isRunning(row: PictureRow): boolean {
  return row.kind !== "note" && row.endedAt === null;
}

/**
 * The agent or the node that a line belongs to: the nearest span around it that has a name of its own to work
 * under, or itself. Null is the run.
 */
export function laneOf(row: PictureRow): PictureSpan | null {
  if (!isRecord(row)) throw new TypeError(`laneOf(): expected a row, got ${describe(row)}`);
  for (let span: PictureRow | null = row; span !== null; span = span.parent) {
    if (span.kind === "span" && isLane(span)) return span;
  }
  return null;
}

/** Whether a span is an agent or a node: it has a name of its own to work under. */
export function isLane({ role }: PictureSpan): boolean {
  return ACTORS.has(role);
}

/** Calls `visit` with each of the lines and all that hangs on them, from top to bottom. */
export function visitRows(
  rows: readonly PictureRow[],
  visit: (row: PictureRow, depth: number) => void,
  depth = 0,
): void {
  const owner = "visitRows()";
  if (!isArray(rows)) {
    const hint = isRecord(rows) && isArray(rows.rows) ? "; did you mean picture.rows?" : "";
    throw new TypeError(`${owner}: expected rows, got ${describe(rows)}${hint}`);
  }
  if (typeof visit !== "function") {
    throw new TypeError(`${owner}: expected a function, got ${describe(visit)}`);
  }
  for (const row of rows) {
    visit(row, depth);
    if (row.kind !== "note") visitRows(row.children, visit, depth + 1);
  }
}

const ACTORS: ReadonlySet<SpanRole> = new Set<SpanRole>([
  "agent",
  "specialist",
  "handoff",
  "node",
  "stage",
  "round",
  "subagent",
]);
