import { checkCount, checkOptions } from "../core/options.ts";
import type { StreamEvent } from "../events/stream_event.ts";
import { Conversation } from "./conversation.ts";
import { eventTime } from "./event_time.ts";
import { type Fields, fieldsOf, numberIn, textIn } from "./payload.ts";
import { graphAround, startWaiting } from "./person_waits.ts";
import { PictureNotes } from "./picture_notes.ts";
import { PictureParts } from "./picture_parts.ts";
import type { PictureNote, PictureRow, PictureTurn } from "./picture_rows.ts";
import { routeWords } from "./route_words.ts";
import type { Branch, LeftOut } from "./row_tree.ts";
import { addToSummary, closeSummary, createRunSummary, type RunSummary } from "./run_summary.ts";
import { endSpan, linkSpan, loseAll, startSpan } from "./span_events.ts";
import { readSpan } from "./span_readings.ts";
import { checkEvent, checkText } from "../core/checks.ts";
import { applyToTurn, endModel, startModel, startOver } from "./turn_events.ts";

/** Options of {@linkcode RunPicture}. */
export interface RunPictureOptions {
  /** Lines that are kept; past that, old ones that are over make room. @default {10_000} */
  maxRows?: number;
  /** Characters of a turn's text that are kept, from its end. @default {20_000} */
  maxTextLength?: number;
  /**
   * Size of the content that is kept, in bytes as estimated; past that, the oldest makes room.
   *
   * @default {67108864}
   */
  maxContentBytes?: number;
}

/** Options of {@linkcode RunPicture.addNote}. */
export interface NoteOptions {
  /** Whether a person should look at it. @default {true} */
  warning?: boolean;
  /** When it happened, in milliseconds since 1970. @default {the time of the latest event} */
  at?: number | null;
}

/**
 * What there is to draw of a run: a tree of the turns of its models, of the work that has a beginning and an
 * end, and of what is worth a note; knows nothing of screens.
 *
 * - **Incremental:** an event costs the same, however long the run is. `revision` grows with every change, and
 *   each line has that of its own last change; `structureRevision` grows when lines come, go or move.
 * - **Bounded:** `leftOut` counts the lines that had to make room, and so does the line on which they hung.
 * - **Places:** everything is put where it says, by ids, that it is part of. What does not say so, or names what is not
 *   known, is put to the run: nothing is guessed from what went on at the same time.
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
  /** What went into its spans and came out of them, where that is published. */
  readonly conversation: Conversation;
  readonly #parts: PictureParts;
  readonly #notes: PictureNotes;
  /** The time of the latest event; null while there was none. */
  #now: number | null = null;

  /** Makes an empty picture of a run. */
  constructor(runId: string, options: RunPictureOptions = {}) {
    const owner = "RunPicture";
    checkOptions(owner, options, ["maxRows", "maxTextLength", "maxContentBytes"]);
    checkText(owner, "runId", runId);
    const { maxRows = 10_000, maxTextLength = 20_000 } = options;
    const { maxContentBytes = 64 * 1024 * 1024 } = options;
    checkCount(owner, "maxContentBytes", maxContentBytes, 1);
    this.conversation = new Conversation({ maxBytes: maxContentBytes });
    this.summary = createRunSummary(runId);
    this.#parts = new PictureParts(
      checkCount(owner, "maxRows", maxRows, 1),
      checkCount(owner, "maxTextLength", maxTextLength, 1),
    );
    this.#notes = new PictureNotes(this.#parts);
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
   * @returns The line that it is about: the one to draw again, if it is the only one that is drawn.
   * @throws {TypeError} If it is not an event.
   */
  add(event: StreamEvent): PictureRow | null {
    checkEvent("RunPicture.add(): expected", event);
    const parts = this.#parts;
    const at = this.#timeOf(event);
    const { missed_events: missedBefore } = this.summary;
    addToSummary(this.summary, event);
    parts.tree.revision++;
    const { event_type: eventType, event_id: eventId } = event;
    const data: Fields = event.data;
    if (data.kind === "model") {
      if (eventType === "span.started") return startModel(parts, data, at, eventId);
      if (eventType === "span.completed") return endModel(parts, data, at, eventId);
    }
    const reading = readSpan(eventType, data);
    if (reading?.phase === "start") return startSpan(parts, reading, at, eventId);
    if (reading !== null) return endSpan(parts, reading, at, eventId);
    switch (eventType as string) {
      case "span.linked":
        return linkSpan(parts, data);
      case "span.content":
        this.conversation.add(event);
        return this.#contentOf(data);
      case "bus.gap":
        return this.#gap(event, data, this.summary.missed_events - missedBefore);
      case "bus.end":
        loseAll(parts, at);
        return null;
      case "bus.error":
      case "bus.live":
        return null;
      case "run.started":
        return null;
      case "run.completed":
        return this.#complete(event, data, at);
      case "agent.interrupt":
        return this.#ask(event, data, at);
      case "agent.model.retry":
        startOver(parts, data);
    }
    const turn = applyToTurn(parts, eventType, data, at, eventId);
    return turn === undefined ? this.#addOther(event, data, at) : turn ?? parts.placeOf(data);
  }

  /** Adds a note at the current place of the run for something that is not an event, such as a lost connection. */
  addNote(text: string, { warning = true, at = this.#now }: NoteOptions = {}): PictureNote {
    return this.#notes.add({ event: null, at, text, warning });
  }

  /** Says a note in other words: that the connection is back. */
  reword(note: PictureNote, text: string): void {
    this.#notes.reword(note, text);
  }

  /**
   * Notes that nothing will follow, for those who learn it otherwise than by `bus.end`: what still runs is
   * `lost`.
   */
  close(): void {
    closeSummary(this.summary, null);
    this.#parts.tree.revision++;
    loseAll(this.#parts, this.#now ?? 0);
  }

  /** The time of an event; what has none happened when the latest one before it did. */
  #timeOf(event: StreamEvent): number {
    const at = eventTime(event);
    if (!event.event_type.startsWith("bus.")) this.#notes.passEvent();
    if (at === null) return this.#now ?? 0;
    if (this.#now === null) this.#notes.date(at);
    this.#now = Math.max(this.#now ?? at, at);
    return at;
  }

  /** Touches the line that content is of. */
  #contentOf(data: Fields): PictureRow | null {
    const { spans, turns, tree } = this.#parts;
    const spanId = textIn(data, "span_id");
    const row = spans.get(spanId) ?? turns.byId(spanId);
    if (row !== null) tree.touch(row);
    return row;
  }

  #gap(event: StreamEvent, data: Fields, count: number): PictureNote | null {
    // Everything that it covers was read before.
    if (count === 0 && (numberIn(data, "count") ?? 0) > 0) return null;
    const { turns } = this.#parts;
    for (const turn of turns.running) turn.textHasGap = true;
    // No event will come any more about what went on before that.
    if (data.reason === "new_epoch") loseAll(this.#parts, this.#now ?? 0);
    return this.#notes.addGap(event, { ...data, count }, this.#now);
  }

  #ask(event: StreamEvent, data: Fields, at: number): PictureNote {
    const { turns, tree } = this.#parts;
    const place = this.#parts.placeOf(data);
    const turn = turns.last(place);
    // A person takes the time they take: it is not the model's.
    turns.noteActivity(place, null);
    const inside = [...place?.children ?? [], ...turn?.children ?? []];
    let asking: Branch | null = turn ?? place;
    const graph = graphAround(place, data);
    for (const row of [graph, place, ...inside]) {
      if (row?.kind !== "span" || row.endedAt !== null) continue;
      const isInside = row !== place && row !== graph;
      if (isInside && row.role !== "tool") continue;
      startWaiting(row, at);
      tree.touch(row);
      if (isInside) asking = row;
    }
    const text = `waits for a person: ${textIn(data, "question_preview")}`;
    return this.#notes.add({ event, at: this.#now && at, text, warning: true, about: asking });
  }

  /** An end that needs no explanation is in the summary. */
  #complete(event: StreamEvent, data: Fields, at: number): PictureNote | null {
    const error = textIn(data, "error");
    if (error === "") return null;
    const text = `${textIn(data, "outcome")}: ${error}`;
    return this.#notes.add({ event, at: this.#now && at, text, warning: true });
  }

  /**
   * Events that have no picture of their own appear as they are, with two conventions: one that names the
   * `span_id` of a span belongs to it, and its `subject` is what the span works on. The catalogue publishes
   * only the names of a tool's arguments; what may be seen of their values is for the tool to say.
   */
  #addOther(event: StreamEvent, data: Fields, at: number): PictureRow {
    const { turns, tree } = this.#parts;
    const place = this.#parts.placeOf(data);
    const subject = textIn(data, "subject");
    if (place?.kind === "span" && subject !== "") {
      place.subject = subject;
      tree.touch(place);
      return place;
    }
    if (event.event_type.startsWith("agent.")) turns.noteActivity(place, at);
    const text = routeWords(event.event_type, data) ?? `${event.event_type}  ${fieldsOf(data)}`;
    return this.#notes.add({ event, at: this.#now && at, text, warning: false, about: place });
  }
}

function timeOf(timestamp: string | null): number | null {
  const time = timestamp === null ? NaN : Date.parse(timestamp);
  return Number.isNaN(time) ? null : time;
}
