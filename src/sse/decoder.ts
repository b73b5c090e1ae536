import { checkCount, checkFunction, checkOptions } from "../core/options.ts";
import { createFeed } from "./feed.ts";
import { makeIterable } from "./iterable_stream.ts";
import type { SseDecoderOptions, SseMessage } from "./message.ts";

/**
 * Decodes an event stream by the rules of the WHATWG: bytes in, messages out, however the bytes are cut.
 *
 * - **At once:** a block that ends with a lone CR is dispatched without waiting for the next byte.
 * - **End:** an unfinished block is discarded, including its id.
 * - **`for await`** works in Safari, too, whose own streams have no async iterator.
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

/** A decoder that delivers what `convert` returns for each message. */
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
  const stream = new TransformStream<Uint8Array, T>({
    start(controller) {
      push = createFeed(owner, maxBlockLength, {
        onId,
        onRetry,
        onComment,
        onMessage: (message) => controller.enqueue(convert(message)),
      });
    },
    transform: (bytes) => push(bytes),
  });
  makeIterable(stream.readable);
  return stream;
}
