import type { Envelope } from "../events/stream_event.ts";
import { hasControls } from "./last_event_id.ts";
import { describe, isRecord } from "../core/describe.ts";

/** An event of any type, as it is written to the wire. */
export type WireEvent = Envelope<string, unknown>;

/** One block of an event stream. Without `data` a reader dispatches nothing. */
export interface SseFrame {
  /** What a client that reconnects sends as `Last-Event-ID`. */
  id?: string;
  /** The type that a client listens for; `message` without one. */
  event?: string;
  /** The text of the event, of one or more lines. */
  data?: string;
  /** How long a client waits before it reconnects, in milliseconds. */
  retry?: number;
  /** A comment, which clients skip, of one or more lines. */
  comment?: string;
}

/**
 * Encodes one block of an event stream.
 *
 * - **Line ends** in `data` and `comment` begin a new line of the same field; a client gets each as `\n`.
 * - **Injection:** no value can end its field or begin another.
 *
 * @throws {TypeError} If `event` contains a line end or NUL, which no field can carry, or `id` a control
 * character, which no client could send back.
 * @throws {RangeError} If `retry` is not a whole number of at least 0.
 *
 * @example A block
 * ```ts
 * import { encodeFrame } from "@locus/core/sse";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = encodeFrame({ id: "7", event: "note", data: "two\nlines" });
 * assertEquals(new TextDecoder().decode(bytes), "id: 7\nevent: note\ndata: two\ndata: lines\n\n");
 * ```
 */
export function encodeFrame(frame: SseFrame): Uint8Array<ArrayBuffer> {
  checkObject("a frame", frame);
  const { id, event, data, retry, comment } = frame;
  for (const [name, text = ""] of [["data", data], ["comment", comment]] as const) {
    if (typeof text !== "string") {
      throw refusal(`"${name}" must be a string, got ${describe(text)}`);
    }
  }
  let text = "";
  if (comment !== undefined) {
    for (const line of comment.split(LINE_END)) text += line === "" ? ":\n" : `: ${line}\n`;
  }
  if (retry !== undefined) text += `retry: ${checkRetry(retry)}\n`;
  if (id !== undefined) text += `id: ${checkId("id", id)}\n`;
  if (event !== undefined) text += `event: ${checkField("event", event)}\n`;
  if (data !== undefined) {
    for (const line of data.split(LINE_END)) text += `data: ${line}\n`;
  }
  return textEncoder.encode(`${text}\n`);
}

/**
 * Encodes one event: `id` is its `event_id`, `event` its `event_type`, `data` the whole event as JSON.
 *
 * An event is encoded once for all its readers: the same bytes are returned as long as the event lives. Don't
 * change them.
 *
 * @throws {TypeError} If `event_id` contains a control character or `event_type` a line end or NUL, or if the
 * event cannot be serialised. Events of a bus are never like that.
 *
 * @example An event on the wire
 * ```ts
 * import { encodeEvent } from "@locus/core/sse";
 * import { assertEquals } from "@std/assert";
 *
 * const event = {
 *   event_id: "k3v9-1",
 *   run_id: "r1",
 *   event_type: "shop.paid",
 *   timestamp: "2026-01-31T12:00:00.000Z",
 *   data: { order: 7 },
 * };
 * assertEquals(
 *   new TextDecoder().decode(encodeEvent(event)),
 *   `id: k3v9-1\nevent: shop.paid\ndata: ${JSON.stringify(event)}\n\n`,
 * );
 * ```
 */
export function encodeEvent(event: WireEvent): Uint8Array<ArrayBuffer> {
  checkObject("an event", event);
  const known = encoded.get(event);
  // A reader that transferred the bytes to another thread or a byte stream has emptied them for all readers.
  if (known !== undefined && known.byteLength > 0) return known;
  const bytes = textEncoder.encode(frameText(event));
  encoded.set(event, bytes);
  return bytes;
}

/** One event as text; of several runs with its position as `id`, because its `event_id` is a place in its own run only. */
export function frameText(event: WireEvent, id: string = event.event_id): string {
  const head = `id: ${checkId("event_id", id)}\nevent: ${
    checkField("event_type", event.event_type)
  }`;
  // JSON has no raw line end, so the data is always one line.
  return `${head}\ndata: ${JSON.stringify(event)}\n\n`;
}

const LINE_END = /\r\n|\r|\n/;
// Exactly these end a field, or make a reader drop it.
const UNSAFE = /[\r\n\0]/;

const textEncoder = new TextEncoder();
const encoded = new WeakMap<WireEvent, Uint8Array<ArrayBuffer>>();

function checkId(name: string, value: string): string {
  if (typeof value === "string" && !hasControls(value)) return value;
  return fail(name, "control characters", value);
}

function checkField(name: string, value: string): string {
  if (typeof value === "string" && !UNSAFE.test(value)) return value;
  return fail(name, "line ends and NUL", value);
}

function fail(name: string, characters: string, value: unknown): never {
  throw new TypeError(
    `Cannot encode an event: "${name}" must be a string without ${characters}, got ` +
      (typeof value === "string" ? JSON.stringify(value.slice(0, 64)) : typeof value),
  );
}

function checkRetry(value: number): number {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(
      `Cannot encode an event: "retry" must be a whole number of at least 0, got ${String(value)}`,
    );
  }
  return value;
}

function checkObject(what: string, value: unknown): void {
  if (!isRecord(value)) throw refusal(`expected ${what}, got ${describe(value)}`);
}

function refusal(problem: string): TypeError {
  return new TypeError(`Cannot encode an event: ${problem}`);
}
