import { createParser } from "eventsource-parser";
import type { SseDecoderOptions, SseMessage } from "./message.ts";

/** What a feed reports, in the order of the stream. */
export interface FeedCallbacks extends Pick<SseDecoderOptions, "onId" | "onRetry" | "onComment"> {
  onMessage(message: SseMessage): void;
  /**
   * Called with a block that is too long. The feed skips it and reads on.
   *
   * @default {the feed throws the error}
   */
  onTooLong?(error: RangeError): void;
}

/**
 * The decoder without a stream around it: a function to call with each piece of the bytes.
 *
 * The parser follows the WHATWG to the letter, in linear time, and half of the ecosystem uses it, so there is
 * nothing to gain from another. At a block that is too long it stops for good, and doesn't say where in its
 * text. So it gets a text that might contain such a block one block at a time.
 */
export function createFeed(
  owner: string,
  maxBlockLength: number,
  { onId, onRetry, onComment, onMessage, onTooLong = fail }: FeedCallbacks,
): (bytes: Uint8Array) => void {
  let lastEventId = "";
  let isTooLong = false;
  // The parser keeps what may become a message and drops what can't. Dropping costs no memory, but a stream of
  // nothing else would be read forever.
  let unused = 0;
  const parser = createParser({
    maxBufferSize: maxBlockLength,
    onId(id) {
      unused = 0;
      lastEventId = id;
      onId?.(id);
    },
    onEvent({ event = "message", data }) {
      unused = 0;
      // The parser doesn't measure a block that it gets whole.
      if (data.length > maxBlockLength) onTooLong(tooLong());
      else onMessage({ event, data, lastEventId });
    },
    onRetry(retryMs) {
      unused = 0;
      onRetry?.(retryMs);
    },
    onComment(comment) {
      unused = 0;
      onComment?.(comment);
    },
    onError(error) {
      // Unknown fields are to be ignored.
      isTooLong ||= error.type === "max-buffer-size-exceeded";
    },
  });

  function feedBlock(part: string, endsBlock: boolean): void {
    if (!isTooLong) {
      parser.feed(part);
      if (!isTooLong) return;
      onTooLong(tooLong());
    }
    if (!endsBlock) return;
    isTooLong = false;
    unused = 0;
    parser.reset();
    // At a first line it would remove a byte order mark again.
    parser.feed("\n");
  }

  function tooLong(): RangeError {
    return new RangeError(
      `${owner}: a block of the stream is longer than ${maxBlockLength} characters (maxBlockLength)`,
    );
  }

  // The parser removes one byte order mark. If this did too, a second one would be lost.
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const toLineFeeds = createLineEndReader();
  // How much text came since a block ended: the parser buffers at most that.
  let pending = 0;
  let isAtLineStart = true;
  return (bytes) => {
    const text = toLineFeeds(decoder.decode(bytes, { stream: true }));
    if (text === "") return;
    unused += text.length;
    let start = 0;
    if (!isTooLong && pending + text.length <= maxBlockLength) {
      parser.feed(text);
      start = text.lastIndexOf("\n\n") + 2;
      if (start === 1) start = isAtLineStart && text[0] === "\n" ? 1 : 0;
    } else {
      for (let end; (end = endOfBlock(text, start, isAtLineStart)) > 0; start = end) {
        feedBlock(text.slice(start, end), true);
      }
      if (start < text.length) feedBlock(text.slice(start), false);
    }
    pending = text.length - start + (start === 0 ? pending : 0);
    isAtLineStart = text.endsWith("\n");
    if (unused > maxBlockLength * MAX_OVERHEAD) throw tooLong();
  };
}

// A line has at most so many characters for each that the parser counts: `data: x` and its end are two.
const MAX_OVERHEAD = 8;

function fail(error: RangeError): never {
  throw error;
}

/** The place behind the block that goes on at `start`; 0 if the text doesn't reach that far. */
function endOfBlock(text: string, start: number, isAtLineStart: boolean): number {
  if ((start > 0 || isAtLineStart) && text[start] === "\n") return start + 1;
  const end = text.indexOf("\n\n", start);
  return end < 0 ? 0 : end + 2;
}

/** Makes every line end a line feed, whichever it is and wherever the text is cut. */
function createLineEndReader(): (text: string) => string {
  let isAfterReturn = false;
  return (text) => {
    if (text === "") return text;
    // A lone return ends its line at once, so a line feed that comes later ends nothing.
    const rest = isAfterReturn && text[0] === "\n" ? text.slice(1) : text;
    isAfterReturn = text.endsWith("\r");
    return rest.replace(/\r\n?/g, "\n");
  };
}
