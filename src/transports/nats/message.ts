/**
 * What is stored of a run: messages, each with what is known of the run behind it, and with events. The newest
 * message therefore tells everything that has to be known to go on.
 *
 * The first line is that knowledge, as JSON. Each further line is an event: type, time, payload as JSON.
 */
import type { OutgoingEvent, StoredEvent } from "../remote/store.ts";

/** How far somebody has published: the number of a batch, and how much of it is stored. */
export interface Progress {
  readonly publisher: string;
  readonly batch: number;
  readonly done: number;
}

/** What is known of a run behind a message. */
export interface RunState {
  readonly epoch: string;
  /** The number of the newest event. */
  readonly head: number;
  readonly closed: boolean;
  /** Events up to that number were dropped. */
  readonly dropped: number;
  /** Those who published, the latest first. */
  readonly progress: readonly Progress[];
}

/** A message on its way. */
export interface Draft {
  readonly kind: "events" | "close" | "drop";
  readonly state: RunState;
  /** How many numbers are skipped before the events. */
  readonly lost: number;
  readonly events: readonly OutgoingEvent[];
}

/** A message of the store. */
export interface Message {
  readonly kind: "events" | "close" | "drop";
  readonly state: RunState;
  /** The head before it. */
  readonly before: number;
  readonly events: readonly StoredEvent[];
  /** Its size. */
  readonly chars: number;
}

/** What is told of a run without being stored. */
export type Word = "dropped" | "evicted";

const FORMAT = 1;
/** How many publishers of one run are remembered. */
export const MAX_PUBLISHERS = 16;
/** The first line and what the server adds. */
export const MAX_OVERHEAD_BYTES = 4_096;
const MAX_BYTES = 8 * 1024 * 1024;

/** Writes a message. */
export function writeMessage({ kind, state, lost, events }: Draft): string {
  const { epoch, head, closed, dropped, progress } = state;
  const known = {
    format: FORMAT,
    kind,
    epoch,
    head,
    lost,
    count: events.length,
    closed,
    dropped,
    progress: progress.map(({ publisher, batch, done }) => [publisher, batch, done]),
  };
  return [JSON.stringify(known), ...events.map(writeEvent)].join("\n");
}

/** Writes an event. JSON has no line breaks, and a type no spaces. */
export function writeEvent({ type, time, data }: OutgoingEvent): string {
  return `${type} ${time} ${data}`;
}

/** Writes what is told without being stored. */
export function writeWord(word: Word): string {
  return JSON.stringify({ format: FORMAT, word });
}

/** Reads what was told; null if it is none of ours, whoever wrote it. */
export function readWord(text: string): Word | null {
  if (text.length > 100) return null;
  const { format, word } = parse(text) ?? {};
  return format === FORMAT && (word === "dropped" || word === "evicted") ? word : null;
}

/** Reads a message; null if it is none of ours, whoever wrote it. What its events are is checked elsewhere. */
export function readMessage(bytes: Uint8Array): Message | null {
  if (bytes.length > MAX_BYTES) return null;
  const text = new TextDecoder().decode(bytes);
  const end = text.indexOf("\n");
  const first = end < 0 ? text : text.slice(0, end);
  const known = first.length > MAX_OVERHEAD_BYTES ? null : parse(first);
  if (known === null || known["format"] !== FORMAT) return null;
  const { kind, epoch, head, lost, count, closed, dropped } = known;
  if (kind !== "events" && kind !== "close" && kind !== "drop") return null;
  if (typeof epoch !== "string" || !EPOCH.test(epoch) || typeof closed !== "boolean") return null;
  if (!isNumber(head) || !isNumber(lost) || !isNumber(count) || !isNumber(dropped)) return null;
  const before = head - count - lost;
  const progress = readProgress(known["progress"]);
  if (before < 0 || dropped > head || progress === null) return null;
  const lines = end < 0 ? [] : text.slice(end + 1).split("\n");
  if (lines.length !== count) return null;
  return {
    kind,
    state: { epoch, head, closed, dropped, progress },
    before,
    events: lines.map((line, i) => readEvent(line, head - count + 1 + i)),
    chars: text.length,
  };
}

function readEvent(line: string, seq: number): StoredEvent {
  const first = line.indexOf(" ");
  const second = line.indexOf(" ", first + 1);
  if (first < 0 || second < 0) return { seq, type: undefined, time: undefined, data: undefined };
  return {
    seq,
    type: line.slice(0, first),
    time: Number(line.slice(first + 1, second)),
    data: line.slice(second + 1),
  };
}

function readProgress(value: unknown): Progress[] | null {
  if (!Array.isArray(value) || value.length > MAX_PUBLISHERS) return null;
  const progress: Progress[] = [];
  for (const entry of value) {
    if (!Array.isArray(entry)) return null;
    const [publisher, batch, done] = entry as unknown[];
    if (typeof publisher !== "string" || publisher.length > 32) return null;
    if (!isNumber(batch) || !isNumber(done)) return null;
    progress.push({ publisher, batch, done });
  }
  return progress;
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
