/** A message of an event stream, in the shape of the browser's `MessageEvent`. */
export interface SseMessage {
  /** The `event` field; `message` without one. */
  readonly event: string;
  /** The `data` fields, joined by `\n`. */
  readonly data: string;
  /** The last `id`, of this message or an earlier one; "" before the first. */
  readonly lastEventId: string;
}

/** Options of {@linkcode decodeFrames} and {@linkcode fromSse}. */
export interface SseDecoderOptions {
  /**
   * How many characters of data a block may have, so that no server can exhaust the memory. The stream fails at a
   * longer one.
   *
   * @default {1048576}
   */
  maxBlockLength?: number;
  /** Called with every `id`, even of a block that dispatches nothing. */
  onId?: (id: string) => void;
  /** Called with the time to wait before reconnecting, in milliseconds. */
  onRetry?: (retryMs: number) => void;
  /** Called with every comment: the server is alive. */
  onComment?: (comment: string) => void;
}
