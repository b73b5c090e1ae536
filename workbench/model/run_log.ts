/**
 * The events of the run that is open, in order and each once, whatever way they came.
 *
 * Two ways lead here: the live stream, and the history, which is asked for when the run is opened and whenever
 * the stream has a hole. What arrives live beyond a hole waits until the history has filled it.
 *
 * @module
 */
import { parseEventId } from "../../src/events/identifiers.ts";
import type { StreamEvent } from "../../src/events/stream_event.ts";

/** What the history route answers. */
export interface HistoryAnswer {
  readonly run_id: string;
  readonly closed: boolean;
  readonly cursor: string;
  readonly events: readonly StreamEvent[];
}

/** The log of one run, as far as this page has it. */
export class RunLog {
  readonly runId: string;
  /** Oldest first, gaps among them; equal gaps that follow each other are one. */
  readonly events: StreamEvent[] = [];
  /** Whether nothing will follow. */
  closed = false;
  /** How many of its oldest events this page has let go. */
  droppedCount = 0;
  /** Whether the history was read to its end at least once. */
  isLoaded = false;
  #cursor: string | null = null;
  #ahead: StreamEvent[] = [];

  constructor(runId: string) {
    this.runId = runId;
  }

  /** Where to go on; null if nothing is known. */
  get cursor(): string | null {
    return this.#cursor;
  }

  /** Whether something that arrived waits for what belongs before it. */
  get hasHole(): boolean {
    return this.#ahead.length > 0;
  }

  /**
   * Takes the next event of the run's own stream, which has no holes: what is missing in it is announced.
   * Returns whether it is new.
   */
  append(event: StreamEvent): boolean {
    this.isLoaded = true;
    if (event.event_type === "bus.end") this.closed = true;
    if (NOT_STORED.has(event.event_type) || this.#placeOf(event) === "old") return false;
    this.#append(event);
    return true;
  }

  /** Takes an event of the stream of all runs. Returns whether there is a hole before it that the history has to fill. */
  accept(event: StreamEvent): boolean {
    const place = this.#placeOf(event);
    if (NOT_STORED.has(event.event_type) || place === "old") return false;
    if (place === "next" && this.isLoaded) {
      this.#append(event);
      return false;
    }
    this.#ahead.push(event);
    // Beyond this the history holds them anyway.
    if (this.#ahead.length > MAX_AHEAD) this.#ahead.splice(0, MAX_AHEAD / 2);
    return true;
  }

  /**
   * Adds the history after the cursor, then the events that waited for it. An event that the history dropped may
   * have arrived live; then it is not a gap.
   *
   * @param isWhole Whether the history ends there.
   * @returns What came after the cursor.
   */
  fill({ events, closed, cursor }: HistoryAnswer, isWhole = true): StreamEvent[] {
    const ahead = this.#ahead;
    const last = this.#cursor === null ? null : parseEventId(this.#cursor);
    const news: StreamEvent[] = [];
    for (const event of events) {
      if (placeOf(event, last) === "old") continue;
      news.push(...(event.event_type === "bus.gap" ? withoutArrived(event, ahead) : [event]));
    }
    for (const event of news) this.#append(event);
    this.#cursor ??= cursor;
    this.isLoaded ||= isWhole;
    this.closed = closed;
    this.#ahead = [];
    for (const event of ahead) this.accept(event);
    return news;
  }

  #placeOf(event: StreamEvent): Place {
    return placeOf(event, this.#cursor === null ? null : parseEventId(this.#cursor));
  }

  #append(event: StreamEvent): void {
    this.#cursor = event.event_id;
    // A server that has lost the run says so again and again: whenever it is asked.
    if (isSameGap(event, this.events.at(-1))) return;
    this.events.push(event);
    if (this.events.length <= MAX_EVENTS) return;
    this.events.splice(0, MAX_EVENTS / 10);
    this.droppedCount += MAX_EVENTS / 10;
  }
}

/** What is said to one reader only, and stands in no log. */
const NOT_STORED: ReadonlySet<string> = new Set(["bus.end", "bus.error", "bus.live"]);

/** What a page can hold of one run. */
const MAX_EVENTS = 200_000;
const MAX_AHEAD = 10_000;

/** A gap without the events that have arrived: what is left of it, and these. Any other event as it is. */
function withoutArrived(gap: StreamEvent, arrived: readonly StreamEvent[]): StreamEvent[] {
  const last = parseEventId(gap.event_id);
  if (gap.event_type !== "bus.gap" || last === null) return [gap];
  const { from_seq: first, to_seq: to } = gap.data;
  const parts: StreamEvent[] = [];
  let from = first;
  const leaveOut = (to: number) => {
    const data = { ...gap.data, from_seq: from, to_seq: to, count: to - from + 1 };
    parts.push({ ...gap, event_id: `${last.epoch}-${to}`, data });
  };
  for (const event of arrived) {
    const at = parseEventId(event.event_id);
    if (event.event_type === "bus.gap" || at?.epoch !== last.epoch) continue;
    // What no schema has checked may be anything.
    if (!(at.seq >= from && at.seq <= to)) continue;
    if (at.seq > from) leaveOut(at.seq - 1);
    parts.push(event);
    from = at.seq + 1;
  }
  if (parts.length === 0) return [gap];
  if (from <= to) leaveOut(to);
  return parts;
}

/** Whether two gaps say the same. */
function isSameGap(event: StreamEvent, other: StreamEvent | undefined): boolean {
  if (event.event_type !== "bus.gap" || other?.event_type !== "bus.gap") return false;
  const [a, b] = [event.data, other.data];
  return a.reason === b.reason && a.from_seq === b.from_seq && a.to_seq === b.to_seq;
}

type Place = "old" | "next" | "beyond";

function placeOf(event: StreamEvent, last: ReturnType<typeof parseEventId>): Place {
  const at = parseEventId(event.event_id);
  if (at === null) return "old";
  if (last === null) return at.seq === 1 ? "next" : "beyond";
  if (at.epoch !== last.epoch) return "beyond";
  return at.seq <= last.seq ? "old" : at.seq === last.seq + 1 ? "next" : "beyond";
}
