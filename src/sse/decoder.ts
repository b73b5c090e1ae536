import { createParser } from "eventsource-parser";
import { checkCount, checkFunction, checkOptions } from "../core/options.ts";

/** What a reader of an event stream dispatches: the shape of the browser's `MessageEvent`. */
export interface SseMessage {
  /** The `event` field; `message` without one. */
  readonly event: string;
  /** The `data` fields, joined by `\n`. */
  readonly data: string;
  /** The last `id` seen so far, of this message or an earlier one; "" before any. */
  readonly lastEventId: string;
}

/** Options of {@linkcode decodeFrames} and {@linkcode fromSse}. */
export interface SseDecoderOptions {
  /**
   * How many characters an unfinished block may have. A server that never ends one cannot exhaust the
   * reader's memory.
   *
   * @default {1048576}
   */
  maxBlockLength?: number;
  /** Told of every `id`, also in a block that dispatches nothing. */
  onId?: (id: string) => void;
  /** Told how long to wait before coming back, in milliseconds. */
  onRetry?: (retryMs: number) => void;
  /** Told of every comment: the server is alive. */
  onComment?: (comment: string) => void;
}

/**
 * Decodes an event stream by the rules of the WHATWG: bytes in any pieces in, messages out.
 *
 * - **At once:** a block that ends with a lone CR is dispatched without waiting for the next byte.
 * - **End:** an unfinished block is discarded, its id too.
 *
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {RangeError} If `maxBlockLength` is not a whole number of at least 1; the stream itself fails
 * with one if a block is longer.
 *
 * @example Messages of a response
 * ```ts
 * import { decodeFrames } from "@locus/core/sse";
 * import { assertEquals } from "@std/assert";
 *
 * const response = new Response("id: 7\ndata: one\n\ndata: two\n\n");
 * const messages = [];
 * for await (const message of response.body!.pipeThrough(decodeFrames())) messages.push(message);
 * assertEquals(messages, [
 *   { event: "message", data: "one", lastEventId: "7" },
 *   { event: "message", data: "two", lastEventId: "7" },
 * ]);
 * ```
 */
export function decodeFrames(
  options: SseDecoderOptions = {},
): TransformStream<Uint8Array, SseMessage> {
  return createDecoder("decodeFrames()", options, (message) => message);
}

/** A decoder that hands on what `convert` makes of each message. */
export function createDecoder<T>(
  owner: string,
  options: SseDecoderOptions,
  convert: (message: SseMessage) => T,
): TransformStream<Uint8Array, T> {
  checkOptions(owner, options, ["maxBlockLength", "onId", "onRetry", "onComment"]);
  const { maxBlockLength = 1024 * 1024, onId, onRetry, onComment } = options;
  checkCount(owner, "maxBlockLength", maxBlockLength, 1);
  checkFunction(owner, "onId", onId);
  checkFunction(owner, "onRetry", onRetry);
  checkFunction(owner, "onComment", onComment);
  let push: (bytes: Uint8Array) => void;
  return new TransformStream({
    start(controller) {
      push = createFeed(owner, maxBlockLength, { onId, onRetry, onComment }, (message) => {
        controller.enqueue(convert(message));
      });
    },
    transform: (bytes) => push(bytes),
  });
}

/** The decoder without a stream around it: a function to be called with each piece of the bytes. */
export function createFeed(
  owner: string,
  maxBlockLength: number,
  callbacks: Pick<SseDecoderOptions, "onId" | "onRetry" | "onComment">,
  onMessage: (message: SseMessage) => void,
): (bytes: Uint8Array) => void {
  let lastEventId = "";
  let isTooLong = false;
  // The parser keeps what may become a message, and skips what can be no field. That costs no memory, but
  // a stream of nothing else would be read for ever.
  let unheeded = 0;
  // The parser follows the WHATWG to the letter, in linear time, and is used by half the ecosystem;
  // there is nothing to win by another. From 4.1 on it no longer holds a block back that ends with a
  // lone CR (our tests would tell).
  const parser = createParser({
    maxBufferSize: maxBlockLength,
    onId(id) {
      unheeded = 0;
      lastEventId = id;
      callbacks.onId?.(id);
    },
    onEvent({ event = "message", data }) {
      unheeded = 0;
      onMessage({ event, data, lastEventId });
    },
    onRetry(retryMs) {
      unheeded = 0;
      callbacks.onRetry?.(retryMs);
    },
    onComment(comment) {
      unheeded = 0;
      callbacks.onComment?.(comment);
    },
    onError(error) {
      // Unknown fields are ignored, as they shall be.
      isTooLong ||= error.type === "max-buffer-size-exceeded";
    },
  });
  // The parser takes one byte order mark away. If this did too, a second would be lost with it.
  const textDecoder = new TextDecoder("utf-8", { ignoreBOM: true });
  return (bytes) => {
    const text = textDecoder.decode(bytes, { stream: true });
    unheeded += text.length;
    parser.feed(text);
    if (isTooLong || unheeded > maxBlockLength * MAX_OVERHEAD) {
      throw new RangeError(
        `${owner}: a block of the stream is longer than ${maxBlockLength} characters ` +
          "(maxBlockLength)",
      );
    }
  };
}

// A line has at most so many characters for each that the parser counts: `data: x` and its end are two.
const MAX_OVERHEAD = 8;
