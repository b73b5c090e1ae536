/**
 * What is stored of a run: messages, each with what is known of the run behind it, and with events. The newest
 * message therefore tells everything that has to be known to go on.
 *
 * The first line is that knowledge, as JSON. Each further line is an event: type, time, payload as JSON.
 */
import { MAX_PRODUCERS, type Progress } from "../../core/log/producers.ts";
import { isRunId } from "../../events/identifiers.ts";
import type { OutgoingEvent, StoredEvent } from "../remote/store.ts";
import { readEvent, writeEvent } from "../remote/stored_entry.ts";
import { MAX_EVENTS } from "./stream_order.ts";

export interface ProducerState extends Progress {
  readonly id: string;
  /** How much of what has that number is still to come, because it did not fit into one message. */
  readonly left: number;
}

export interface RunState {
  readonly epoch: string;
  readonly head: number;
  readonly closed: boolean;
  /** Events up to that number were dropped. */
  readonly dropped: number;
  /** Those who stored or claimed last, the latest first. */
  readonly producers: readonly ProducerState[];
}

export interface Draft {
  readonly kind: "events" | "close" | "drop";
  readonly state: RunState;
  /** How many numbers are skipped before the events. */
  readonly lost: number;
  readonly events: readonly OutgoingEvent[];
}

/** An event of a message: its number in the order of all runs follows from that of the message. */
export type MessageEvent = Omit<StoredEvent, "order">;

export interface Message {
  readonly seq: number;
  readonly kind: "events" | "close" | "drop";
  readonly state: RunState;
  /** The head before it. */
  readonly before: number;
  readonly events: readonly MessageEvent[];
  readonly chars: number;
}

/** What is told of a run without being stored. */
export type Word = "dropped" | "evicted";

const FORMAT = 1;
// Of the first line, with as many producers as there can be, whose names are as long as they can be.
const MAX_STATE_CHARS = 10_000;
const MAX_BYTES = 8 * 1024 * 1024;

export function writeMessage({ kind, state, lost, events }: Draft): string {
  const { epoch, head, closed, dropped, producers } = state;
  const known = {
    format: FORMAT,
    kind,
    epoch,
    head,
    lost,
    count: events.length,
    closed,
    dropped,
    producers: producers.map(({ id, epoch, seq, left }) => [id, epoch, seq, left]),
  };
  return [JSON.stringify(known), ...events.map(writeEvent)].join("\n");
}

export function writeWord(word: Word): string {
  return JSON.stringify({ format: FORMAT, word });
}

/** Reads what was told; null if the text is foreign. */
export function readWord(text: string): Word | null {
  if (text.length > 100) return null;
  const { format, word } = parse(text) ?? {};
  return format === FORMAT && (word === "dropped" || word === "evicted") ? word : null;
}

/** Reads a message; null if the bytes are foreign. Its events are checked elsewhere. */
export function readMessage(bytes: Uint8Array, seq: number): Message | null {
  if (bytes.length > MAX_BYTES) return null;
  const text = new TextDecoder().decode(bytes);
  const end = text.indexOf("\n");
  const first = end < 0 ? text : text.slice(0, end);
  const known = first.length > MAX_STATE_CHARS ? null : parse(first);
  if (known === null || known["format"] !== FORMAT) return null;
  const { kind, epoch, head, lost, count, closed, dropped } = known;
  if (kind !== "events" && kind !== "close" && kind !== "drop") return null;
  if (typeof epoch !== "string" || !EPOCH.test(epoch) || typeof closed !== "boolean") return null;
  if (!isNumber(head) || !isNumber(lost) || !isNumber(count) || !isNumber(dropped)) return null;
  const before = head - count - lost;
  const producers = readProducers(known["producers"]);
  if (before < 0 || dropped > head || producers === null) return null;
  const lines = end < 0 ? [] : text.slice(end + 1).split("\n");
  if (lines.length !== count || count > MAX_EVENTS) return null;
  return {
    seq,
    kind,
    state: { epoch, head, closed, dropped, producers },
    before,
    events: lines.map((line, i) => readEvent(line, head - count + 1 + i)),
    chars: text.length,
  };
}

function readProducers(value: unknown): ProducerState[] | null {
  if (!Array.isArray(value) || value.length > MAX_PRODUCERS) return null;
  const producers: ProducerState[] = [];
  for (const entry of value) {
    if (!Array.isArray(entry)) return null;
    const [id, epoch, seq, left] = entry as unknown[];
    if (!isRunId(id) || !isNumber(left)) return null;
    // A claim goes on from the highest number, and has stored none yet.
    if (!isNumber(epoch) && epoch !== Number.MAX_SAFE_INTEGER + 1) return null;
    if (!isNumber(seq) && seq !== -1) return null;
    producers.push({ id, epoch: epoch as number, seq: seq as number, left });
  }
  return producers;
}

const EPOCH = /^[A-Za-z0-9]{1,32}$/;

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function parse(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value as Record<string, unknown> : null;
  } catch {
    return null;
  }
}
