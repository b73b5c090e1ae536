import { createFeed, type FeedCallbacks } from "../sse/feed.ts";
import type { SseMessage } from "../sse/message.ts";
import { ClientError } from "./client_error.ts";
import { discard, refusal, type Target } from "./request.ts";
import { locksFor, takePlace } from "./stream_place.ts";
import { withinTime } from "./within_time.ts";

/** Limits of a connection, and what to call while it is read. */
export interface ConnectionOptions {
  readonly idleTimeoutMs: number;
  readonly maxBlockLength: number;
  readonly onRetry: (retryMs: number) => void;
  /** Called when the server shows that it is alive, after the opening of the stream. */
  readonly onHeartbeat: () => void;
}

/** One part of a stream, in its order: a message, a cursor, or an error in place of what can't be read. */
export type Arrival = SseMessage | { readonly lastEventId: string } | ClientError;

/**
 * One event stream of a server: it is opened, read piece by piece, and given up when nothing comes for too long.
 * Nothing is read ahead, so a slow reader slows down the server's reading.
 */
export class Connection {
  readonly #target: Target;
  readonly #options: ConnectionOptions;
  readonly #abort = new AbortController();
  readonly #arrivals: Arrival[] = [];
  readonly #feed: (bytes: Uint8Array) => void;
  #next = 0;
  #reader: ReadableStreamDefaultReader<Uint8Array> | null = null;
  // Why nothing more can be read. It is thrown after what came before it.
  #failure: ClientError | null = null;
  #leavePlace = () => {};
  // When the current wait began. This clock goes on while a machine sleeps; timers may not.
  #waitingSince = Infinity;

  constructor(target: Target, options: ConnectionOptions) {
    this.#target = target;
    this.#options = options;
    const callbacks: FeedCallbacks = {
      onId: (lastEventId) => void this.#arrivals.push({ lastEventId }),
      onRetry: options.onRetry,
      onComment: (comment) => comment.startsWith("recovery ") || options.onHeartbeat(),
      onMessage: (message) => void this.#arrivals.push(message),
      onTooLong: (cause) => void this.#arrivals.push(tooLong(cause)),
    };
    this.#feed = createFeed(target.purpose, options.maxBlockLength, callbacks);
  }

  /** Waits until the browser may open another stream. Calls `onCrowded` if that takes a while. */
  async waitForPlace(onCrowded: (error: ClientError) => void): Promise<void> {
    const locks = locksFor(this.#target.url);
    if (locks === null) return;
    const { signal } = this.#abort;
    const crowded = () =>
      new ClientError(
        "crowded",
        `${this.#target.purpose}: streams of this browser to the host take turns`,
      );
    try {
      this.#leavePlace = await takePlace(locks, this.#target.url.origin, {
        signal,
        onWait: () => onCrowded(crowded()),
        onLost: () => this.#giveUp(crowded()),
      });
    } catch {
      // A document without an origin may have no locks.
    }
    if (!signal.aborted) return;
    this.#leavePlace();
    signal.throwIfAborted();
  }

  /**
   * Asks for the stream after `cursor`. False if the server answers that nothing more will come.
   *
   * @throws {ClientError} If the server doesn't answer with a stream.
   */
  async open(cursor: string | null): Promise<boolean> {
    const headers: Record<string, string> = { Accept: "text/event-stream" };
    if (cursor !== null && cursor !== "") headers["Last-Event-ID"] = toHeaderValue(cursor);
    const { signal } = this.#abort;
    this.#waitingSince = Date.now();
    const asked = this.#target.send({ headers }, signal);
    let response: Response;
    try {
      response = await this.#inTime(asked);
      // A close() at this very moment found no reader to cancel.
      signal.throwIfAborted();
    } catch (error) {
      asked.then(discard, () => {});
      throw error;
    }
    if (response.status === 200 && isEventStream(response)) {
      this.#reader = response.body?.getReader() ?? null;
      // The stream's opening has it, too, but the connection may break before that.
      const lastEventId = response.headers.get("Locus-Cursor");
      if (lastEventId !== null) this.#arrivals.push({ lastEventId });
      return true;
    }
    discard(response);
    if (response.status === 204) return false;
    if (response.status !== 200) throw refusal(this.#target, response);
    const type = response.headers.get("Content-Type")?.slice(0, 64) ?? "nothing";
    throw new ClientError(
      "bad_answer",
      `${this.#target.purpose}: expected text/event-stream, got ${JSON.stringify(type)}`,
    );
  }

  /** The next arrival; undefined while there is none. */
  take(): Arrival | undefined {
    const arrival = this.#arrivals[this.#next++];
    if (arrival !== undefined) return arrival;
    this.#arrivals.length = 0;
    this.#next = 0;
    return undefined;
  }

  /**
   * Waits for the next piece, which may contain nothing that is complete.
   *
   * @throws {ClientError} If the stream has ended, broke, or is silent.
   */
  async read(): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    this.#waitingSince = Date.now();
    const piece = await this.#readPiece();
    try {
      this.#feed(piece);
    } catch (cause) {
      this.#failure = tooLong(cause);
    }
  }

  /** Gives up if nothing came for too long, sleep of the machine included. Returns whether it did. */
  giveUpIfSilent(): boolean {
    const isSilent = Date.now() - this.#waitingSince >= this.#options.idleTimeoutMs;
    if (isSilent) this.#giveUp(this.#silence());
    return isSilent;
  }

  /** Ends the connection and every wait for it at once. */
  close(): void {
    this.#giveUp();
    this.#arrivals.length = 0;
    this.#leavePlace();
  }

  #giveUp(reason?: ClientError): void {
    this.#abort.abort(reason);
    // An answer that doesn't come from a network may ignore the signal.
    this.#reader?.cancel().then(undefined, () => {});
  }

  async #readPiece(): Promise<Uint8Array> {
    const { purpose } = this.#target;
    let result: ReadableStreamReadResult<Uint8Array> | undefined;
    try {
      if (this.#reader !== null) result = await this.#inTime(this.#reader.read());
    } catch (cause) {
      if (cause instanceof ClientError) throw cause;
      throw new ClientError("cut_off", `${purpose}: the connection broke`, { cause });
    }
    if (result?.done === false) return result.value;
    throw new ClientError("cut_off", `${purpose}: the stream ended before the run did`);
  }

  #inTime<T>(work: Promise<T>): Promise<T> {
    const { idleTimeoutMs } = this.#options;
    return withinTime(work, this.#abort, idleTimeoutMs, () => this.#silence());
  }

  #silence(): ClientError {
    const { idleTimeoutMs } = this.#options;
    return new ClientError(
      "silent",
      `${this.#target.purpose}: nothing came for ${idleTimeoutMs} ms`,
    );
  }
}

function tooLong(cause: unknown): ClientError {
  return new ClientError("too_long", (cause as Error).message, { cause });
}

function isEventStream({ headers }: Response): boolean {
  return /^\s*text\/event-stream\s*(;|$)/i.test(headers.get("Content-Type") ?? "");
}

/** Encodes an id as browsers do: headers carry bytes, and an id may be any text. */
function toHeaderValue(cursor: string): string {
  return String.fromCharCode(...new TextEncoder().encode(cursor));
}
