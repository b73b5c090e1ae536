import type { Envelope } from "../events/stream_event.ts";

/** An event of any catalogue, as it is written to the wire. */
export type WireEvent = Envelope<string, unknown>;

/** One block of an event stream. Without `data` a reader dispatches nothing. */
export interface SseFrame {
  /** What a reader that comes back sends as `Last-Event-ID`. */
  id?: string;
  /** The type that a reader listens for; without one it is `message`. */
  event?: string;
  /** The text of the event, of one or more lines. */
  data?: string;
  /** How long a reader waits before it comes back, in milliseconds. */
  retry?: number;
  /** A remark that readers skip, of one or more lines. */
  comment?: string;
}

/**
 * Encodes one block of an event stream.
 *
 * - **Line ends** in `data` and `comment`, whichever kind, begin a new line of the same field; a reader
 *   sees each as `\n`.
 * - **Injection:** no value can end its field or begin another.
 *
 * @throws {TypeError} If `id` or `event` contains a line end or NUL, which no field can carry.
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
  const { id, event, data, retry, comment } = frame;
  let text = "";
  if (comment !== undefined) {
    for (const line of comment.split(LINE_END)) text += line === "" ? ":\n" : `: ${line}\n`;
  }
  if (retry !== undefined) text += `retry: ${checkRetry(retry)}\n`;
  if (id !== undefined) text += `id: ${checkField("id", id)}\n`;
  if (event !== undefined) text += `event: ${checkField("event", event)}\n`;
  if (data !== undefined) {
    for (const line of data.split(LINE_END)) text += `data: ${line}\n`;
  }
  return textEncoder.encode(`${text}\n`);
}

/**
 * Encodes one event: `id` is its `event_id`, `event` its `event_type`, `data` the whole event as JSON.
 *
 * An event is encoded once, however many readers it has: the same bytes are returned as long as the
 * event lives. Do not change them.
 *
 * @throws {TypeError} If `event_id` or `event_type` contains a line end or NUL, or the event cannot be
 * serialised. Events of a bus are never like that.
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
  const known = encoded.get(event);
  // Whoever transferred the bytes to another thread or a byte stream emptied them for all readers.
  if (known !== undefined && known.byteLength > 0) return known;
  const id = checkField("event_id", event.event_id);
  const type = checkField("event_type", event.event_type);
  // JSON has no raw line end, so the data is always one line.
  const bytes = textEncoder.encode(`id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(event)}\n\n`);
  encoded.set(event, bytes);
  return bytes;
}

const LINE_END = /\r\n|\r|\n/;
// Exactly these end a field, or make a reader drop it.
const UNSAFE = /[\r\n\0]/;

const textEncoder = new TextEncoder();
const encoded = new WeakMap<WireEvent, Uint8Array<ArrayBuffer>>();

function checkField(name: string, value: string): string {
  if (typeof value !== "string" || UNSAFE.test(value)) {
    throw new TypeError(
      `Cannot encode an event: "${name}" must be a string without line ends and NUL, got ` +
        (typeof value === "string" ? JSON.stringify(value.slice(0, 64)) : typeof value),
    );
  }
  return value;
}

function checkRetry(value: number): number {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(
      `Cannot encode an event: "retry" must be a whole number of at least 0, got ${String(value)}`,
    );
  }
  return value;
}
