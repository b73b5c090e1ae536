import { createFeed, type SseMessage } from "../sse/decoder.ts";
import { ClientError } from "./client_error.ts";
import { discard, refusal, type Target } from "./request.ts";
import { withinTime } from "./within_time.ts";

/** What bounds a connection, and who is told what it says of itself. */
export interface ConnectionOptions {
  readonly idleTimeoutMs: number;
  readonly maxBlockLength: number;
  readonly onRetry: (retryMs: number) => void;
}

/** One thing that a stream said, in its place: a message, or only how far the reader has come. */
export type Arrival = SseMessage | { readonly lastEventId: string };

/**
 * One answer of a server, as an event stream: it is opened, read piece by piece, and given up when nothing
 * comes for too long. Nothing is read ahead, so a reader that does not ask holds the server back.
 */
export class Connection {
  readonly #target: Target;
  readonly #options: ConnectionOptions;
  readonly #abort = new AbortController();
  readonly #arrivals: Arrival[] = [];
  readonly #feed: (bytes: Uint8Array) => void;
  #next = 0;
  #reader: ReadableStreamDefaultReader<Uint8Array> | null = null;
  // Why nothing more can be read. It is told after what came before it.
  #failure: ClientError | null = null;

  constructor(target: Target, options: ConnectionOptions) {
    this.#target = target;
    this.#options = options;
    const callbacks = {
      onId: (lastEventId: string) => void this.#arrivals.push({ lastEventId }),
      onRetry: options.onRetry,
    };
    this.#feed = createFeed(target.purpose, options.maxBlockLength, callbacks, (message) => {
      this.#arrivals.push(message);
    });
  }

  /**
   * Asks for the stream, to go on after `cursor`. False if the server says that there is nothing to come.
   *
   * @throws {ClientError} If there is no stream to be had.
   */
  async open(cursor: string | null): Promise<boolean> {
    const headers: Record<string, string> = { Accept: "text/event-stream" };
    if (cursor !== null && cursor !== "") headers["Last-Event-ID"] = toHeaderValue(cursor);
    const { signal } = this.#abort;
    const asked = this.#target.send({ headers }, signal);
    let response: Response;
    try {
      response = await this.#inTime(asked);
      // Whoever closed at this very moment found no reader to cancel.
      signal.throwIfAborted();
    } catch (error) {
      asked.then(discard, () => {});
      throw error;
    }
    if (response.status === 200 && isEventStream(response)) {
      this.#reader = response.body?.getReader() ?? null;
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

  /** The next thing that has arrived; undefined while there is none. */
  take(): Arrival | undefined {
    const arrival = this.#arrivals[this.#next++];
    if (arrival !== undefined) return arrival;
    this.#arrivals.length = 0;
    this.#next = 0;
    return undefined;
  }

  /**
   * Waits for the next piece, which may hold nothing that is whole.
   *
   * @throws {ClientError} If there is none: the stream has ended, broke, or is silent.
   */
  async read(): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    const piece = await this.#readPiece();
    try {
      this.#feed(piece);
    } catch (cause) {
      this.#failure = new ClientError("too_long", (cause as Error).message, { cause });
    }
  }

  /** Ends it at once, also where somebody waits for it. */
  close(): void {
    this.#abort.abort();
    // Where the answer comes from no network, this is what is noticed.
    this.#reader?.cancel().then(undefined, () => {});
    this.#arrivals.length = 0;
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
    return withinTime(work, this.#abort, idleTimeoutMs, () => {
      const message = `${this.#target.purpose}: nothing came for ${idleTimeoutMs} ms`;
      return new ClientError("silent", message);
    });
  }
}

function isEventStream({ headers }: Response): boolean {
  return /^\s*text\/event-stream\s*(;|$)/i.test(headers.get("Content-Type") ?? "");
}

/** As the platform does it: headers carry bytes, and an id may be any text. */
function toHeaderValue(cursor: string): string {
  return String.fromCharCode(...new TextEncoder().encode(cursor));
}
