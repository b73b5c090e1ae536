import { type Captured, copyPayload } from "../../core/copy_payload.ts";
import { type EventLog, LogEntry, makeGap } from "../../core/log/event_log.ts";
import type { BusGap } from "../../events/catalogue/bus.ts";
import { isEventType } from "../../events/identifiers.ts";
import type { StreamEvent } from "../../events/stream_event.ts";
import type { OutgoingEvent, StoredEvent } from "./store.ts";

/**
 * An entry of the local log for what the store holds; null if that cannot be an event. A client that can write to the
 * store can write anything there.
 */
export function toEntry(
  log: EventLog,
  { seq, order, type, time, data }: StoredEvent,
  maxEventBytes: number,
): LogEntry | null {
  if (!isEventType(type) || !isTime(time)) return null;
  const captured = read(data, maxEventBytes);
  if (captured === null) return null;
  return new LogEntry(log, seq, type, order, time, captured.data, captured.bytes);
}

/** The same, with a hole for what cannot be an event. */
export function toEntryOrHole(
  log: EventLog,
  event: StoredEvent,
  { maxEventBytes, onUnreadable }: ReadingOptions,
): LogEntry {
  const { seq, order } = event;
  const entry = toEntry(log, event, maxEventBytes);
  if (entry === null) onUnreadable(log.name, seq);
  return entry ?? new HoleEntry(log, seq, seq, order);
}

export interface ReadingOptions {
  readonly maxEventBytes: number;
  readonly onUnreadable: (runId: string, seq: number) => void;
}

export interface HoleOptions {
  /** @default {"evicted"} */
  readonly reason?: BusGap["reason"];
  /** How many events are gone. @default {as many as there are numbers} */
  readonly count?: number;
}

/** Stands where events are gone, or are none: its readers get a gap. */
export class HoleEntry extends LogEntry {
  readonly #from: number;
  readonly #options: HoleOptions;

  /** @param order Where it is given to who reads all or several runs. */
  constructor(log: EventLog, from: number, to: number, order: number, options: HoleOptions = {}) {
    super(log, to, "bus.gap", order, 0, {}, 0);
    this.#from = from;
    this.#options = options;
  }

  override get isHole(): boolean {
    return true;
  }

  override get event(): StreamEvent {
    const { reason = "evicted", count } = this.#options;
    return makeGap(this.log, this.#from, this.seq, reason, count) as StreamEvent;
  }
}

function read(data: unknown, maxEventBytes: number): Captured | null {
  // What was published within the bounds is no longer: JSON writes one character as six at most.
  if (typeof data !== "string" || data.length > 4 * maxEventBytes) return null;
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === "object" && value !== null ? copyPayload(value, maxEventBytes) : null;
  } catch {
    return null;
  }
}

/** Whether it is within the range of a `Date`. */
export function isTime(time: unknown): time is number {
  return typeof time === "number" && Number.isInteger(time) && Math.abs(time) <= 8.64e15;
}

/** An event as a line: JSON has no line breaks, and neither a type nor a time has spaces. */
export function writeEvent({ type, time, data }: OutgoingEvent): string {
  return `${type} ${time} ${data}`;
}

/** Reads such a line; without what cannot be part of one. */
export function readEvent(line: string | null, seq: number): Omit<StoredEvent, "order"> {
  const [, type, time, data] = /^([^ ]*) ([^ ]*) (.*)$/s.exec(line ?? "") ?? [];
  return { seq, type, time: time === undefined ? undefined : Number(time), data };
}
