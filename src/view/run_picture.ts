import { checkCount, checkOptions } from "../core/options.ts";
import type { StreamEvent } from "../events/stream_event.ts";
import { clip, type Fields, fieldsOf, numberIn, textIn } from "./payload.ts";
import { PictureParts } from "./picture_parts.ts";
import type { PictureNote, PictureRow, PictureSpan, PictureTurn } from "./picture_rows.ts";
import type { LeftOut } from "./row_tree.ts";
import { addToSummary, closeSummary, createRunSummary, type RunSummary } from "./run_summary.ts";
import { callerIn, endSpan, linkSpan, loseAll, startSpan } from "./span_events.ts";
import { readSpan } from "./span_readings.ts";
import { applyToTurn, startOver } from "./turn_events.ts";
import { count } from "./words.ts";

/** Options of {@linkcode RunPicture}. */
export interface RunPictureOptions {
  /** Lines that are kept; past that, old ones that are over make room. @default {10_000} */
  maxRows?: number;
  /** Characters of a turn's text that are kept, from its end. @default {20_000} */
  maxTextLength?: number;
}

/** Options of {@linkcode RunPicture.addNote}. */
export interface NoteOptions {
  /** Whether somebody should look at it. @default {true} */
  warning?: boolean;
  /** When it happened, in milliseconds since 1970. @default {the time of the latest event} */
  at?: number;
}

/**
 * What there is to draw of a run: a tree of the turns of its models, of the work that has a beginning and an
 * end, and of what is worth a note; knows nothing of screens.
 *
 * - **Incremental:** an event costs the same, however long the run is. `revision` grows with every change, and
 *   each line has that of its own last change; `structureRevision` grows when lines come, go or move.
 * - **Bounded:** `leftOut` counts the lines that had to make room, and so does the line on which they hung.
 * - **Places:** what says by an id what it is part of is put there. For all else it is worked out from what is
 *   going on at the time; where several agents work at once, it is put to what they have in common.
 * - **Events may be of any shape:** nothing that comes over a wire makes it throw.
 *
 * @throws {TypeError} If an option is unknown.
 * @throws {RangeError} If a limit is not a whole number of at least 1.
 *
 * @example Draw a run
 * ```ts
 * import { EventBus, runContext, withSpan } from "@locus/core";
 * import { RunPicture } from "@locus/core/view";
 * import { assertEquals } from "@std/assert";
 *
 * const bus = new EventBus();
 * await runContext({ runId: "r1", bus }, () =>
 *   withSpan("quote", () => withSpan("tax", async () => {})));
 * bus.closeStream("r1");
 *
 * const picture = new RunPicture("r1");
 * for await (const event of bus.subscribe("r1")) picture.add(event);
 *
 * const [quote] = picture.rows;
 * assertEquals(quote?.kind === "span" && [quote.name, quote.state], ["quote", "done"]);
 * assertEquals(quote?.kind === "span" && quote.children.length, 1);
 * ```
 */
export class RunPicture {
  /** How the run stands, and its counters. */
  readonly summary: RunSummary;
  readonly #parts: PictureParts;
  #now = 0;

  /** Makes the picture of a run of which nothing is known yet. */
  constructor(runId: string, options: RunPictureOptions = {}) {
    const owner = "RunPicture";
    checkOptions(owner, options, ["maxRows", "maxTextLength"]);
    const { maxRows = 10_000, maxTextLength = 20_000 } = options;
    this.summary = createRunSummary(runId);
    this.#parts = new PictureParts(
      checkCount(owner, "maxRows", maxRows, 1),
      checkCount(owner, "maxTextLength", maxTextLength, 1),
    );
  }

  /** The lines at the top of the run, in the order in which they began. */
  get rows(): readonly PictureRow[] {
    return this.#parts.tree.rows;
  }

  /** Grows with every change. */
  get revision(): number {
    return this.#parts.tree.revision;
  }

  /** The `revision` at which a line last came, went or moved. */
  get structureRevision(): number {
    return this.#parts.tree.structureRevision;
  }

  /** How many lines had to make room, in the whole picture. */
  get leftOut(): Readonly<LeftOut> {
    return this.#parts.tree.leftOut;
  }

  /** How many of them were at the top of the run. */
  get rowsLeftOut(): number {
    return this.#parts.tree.rowsLeftOut;
  }

  /**
   * The turn whose text is being written, was cut off, or is the answer; null where the model only asked for
   * tools.
   */
  get speaking(): PictureTurn | null {
    const { latest } = this.#parts.turns;
    return latest !== null && (latest.state !== "done" || latest.isAnswer) ? latest : null;
  }

  /** When the first known event happened, in milliseconds since 1970; null while there was none. */
  get startedAt(): number | null {
    return timeOf(this.summary.started_at);
  }

  /** When the run came to its end; null while it has not. */
  get endedAt(): number | null {
    return timeOf(this.summary.ended_at);
  }

  /**
   * Adds what an event says, `bus.*` events included.
   *
   * @returns The line that it is about: the one to draw anew, if it is the only one that is drawn.
   */
  add(event: StreamEvent): PictureRow | null {
    const parts = this.#parts;
    const at = timeOf(event.timestamp) ?? this.#now;
    this.#now = Math.max(this.#now, at);
    addToSummary(this.summary, event);
    parts.tree.revision++;
    const { event_type: eventType, event_id: eventId } = event;
    const data: Fields = event.data;
    const reading = readSpan(eventType, data);
    if (reading?.phase === "start") return startSpan(parts, reading, at, eventId);
    if (reading !== null) return endSpan(parts, reading, at, eventId);
    switch (eventType as string) {
      case "span.linked":
        return linkSpan(parts, data);
      case "bus.gap":
        return this.#gap(event, data);
      case "bus.end":
        loseAll(parts, at);
        return null;
      case "bus.error":
        return null;
      case "agent.interrupt":
        return this.#ask(event, data, at);
      case "agent.model.retry":
        startOver(parts);
    }
    const turn = applyToTurn(parts, eventType, data, at, eventId);
    return turn === undefined ? this.#addOther(event, data, at) : turn;
  }

  /** Adds a note where the run is now, for what is no event, such as a lost connection. */
  addNote(text: string, { warning = true, at = this.#now }: NoteOptions = {}): PictureNote {
    return this.#note(null, at, text, warning);
  }

  /** Says a note in other words: that the connection is back. */
  reword(note: PictureNote, text: string): void {
    note.text = clip(text, MAX_NOTE);
    this.#parts.tree.touch(note);
  }

  /**
   * Notes that nothing will follow, for those who learn it otherwise than by `bus.end`: what still runs is
   * `lost`.
   */
  close(): void {
    closeSummary(this.summary, null);
    this.#parts.tree.revision++;
    loseAll(this.#parts, this.#now);
  }

  #gap(event: StreamEvent, data: Fields): PictureNote {
    const { open, turns } = this.#parts;
    open.doubt();
    for (const turn of turns.running) turn.textHasGap = true;
    const missing = numberIn(data, "count") ?? 0;
    const reason = textIn(data, "reason");
    // Nothing of what went on before that will ever be heard of again.
    if (reason === "new_epoch") loseAll(this.#parts, this.#now);
    const what = missing > 0 ? `${count(missing, "event")} missing` : "delivery starts anew";
    return this.#note(event, this.#now, `${what} (${reason})`, true);
  }

  #ask(event: StreamEvent, data: Fields, at: number): PictureNote {
    const { open, turns, tree, waits } = this.#parts;
    const place = callerIn(open.innermost);
    const turn = turns.last(place);
    // A person takes the time they take: it is not the model's.
    turns.hear(place, null);
    for (const row of turn?.children ?? []) {
      if (row.kind !== "span" || row.role !== "tool" || row.endedAt !== null) continue;
      waits.ask(row, at);
      tree.touch(row);
    }
    return this.#note(event, at, `waits for a person: ${textIn(data, "question_preview")}`, true);
  }

  /**
   * Events that have no picture of their own appear as they are, with two conventions: one that names the
   * `span_id` of a span belongs to it, and its `subject` is what the span works on. The catalogue publishes
   * only the names of a tool's arguments; what may be seen of their values is for the tool to say.
   */
  #addOther(event: StreamEvent, data: Fields, at: number): PictureRow {
    const { open, turns, tree, spans } = this.#parts;
    const span = spans.get(textIn(data, "span_id"));
    const subject = textIn(data, "subject");
    if (span !== undefined && subject !== "") {
      span.subject = subject;
      tree.touch(span);
      return span;
    }
    if (event.event_type.startsWith("agent.")) turns.hear(open.innermost, at);
    return this.#note(event, at, `${event.event_type}  ${fieldsOf(data)}`, false, span);
  }

  #note(
    event: StreamEvent | null,
    at: number,
    text: string,
    warning: boolean,
    about?: PictureSpan,
  ): PictureNote {
    const { open, turns, tree } = this.#parts;
    // What befell the connection is not about the tool that happened to be running.
    const place = event === null ? callerIn(open.innermost) : open.innermost;
    const turn = turns.last(place);
    const belongsToTurn = turn !== null && (turn.state === "running" || open.isBusy(turn));
    return tree.add<PictureNote>({
      kind: "note",
      text: clip(text, MAX_NOTE),
      warning,
      at,
      eventId: event?.event_id ?? null,
      eventType: event?.event_type ?? null,
    }, about ?? (belongsToTurn ? turn : place));
  }
}

function timeOf(timestamp: string | null): number | null {
  const time = timestamp === null ? NaN : Date.parse(timestamp);
  return Number.isNaN(time) ? null : time;
}

const MAX_NOTE = 1_000;
