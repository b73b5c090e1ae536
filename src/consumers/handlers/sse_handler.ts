import { describe } from "../../core/options.ts";
import {
  flag,
  functionOr,
  type ReadBy,
  readBy,
  type Rules,
  whole,
} from "../../core/option_rules.ts";
import { joinChunks } from "../../sse/join_chunks.ts";
import { encodeFrame, type SseFrame } from "../../sse/encoder.ts";
import { STREAM_HEADERS } from "../../sse/response.ts";
import type { StreamedEvent, StreamHandler } from "./stream_handler.ts";

/** Options of {@linkcode SseHandler}. */
export interface SseHandlerOptions {
  /** Put the `timestamp` of the event into the data. @default {true} */
  includeTimestamp?: boolean;
  /** Number the messages, from 1. @default {true} */
  includeId?: boolean;
  /** Put in front of each number. @default {""} */
  idPrefix?: string;
  /** Makes the data of an event. @default {JSON.stringify} */
  serialize?: (event: StreamedEvent) => string;
  /** Told what the run failed with; the client gets no more than the id. @default {a line on the console} */
  onError?: (error: unknown, correlationId: string) => void;
  /** Messages that wait for the client; past that, the oldest goes. @default {1024} */
  maxMessages?: number;
}

/**
 * Makes an event stream of what an agent yields: `event` is the event's type, `data` the whole of it.
 *
 * - **End:** `done` with `{ status, total_events }`; after a failure `bus.error` with a `correlation_id` and
 *   nothing of the error.
 * - **Slow client:** what does not fit is dropped, and a `bus.gap` says how many messages are missing.
 * - **No resuming and no heartbeat:** for clients that come back, and for runs with long pauses, serve the bus
 *   (`@locus/core/hono`).
 *
 * @example Answer a request with a run
 * ```ts
 * import { handleStream, SseHandler } from "@locus/core/consumers";
 * import { assertEquals } from "@std/assert";
 *
 * async function* run() { // or agent.run("…")
 *   yield { event_type: "think", timestamp: "2026-01-31T12:00:00.000Z" };
 * }
 *
 * const handler = new SseHandler({ includeTimestamp: false });
 * const response = handler.response();
 * await handleStream(run(), handler);
 * assertEquals(
 *   await response.text(),
 *   'id: 1\nevent: think\ndata: {"event_type":"think"}\n\n' +
 *     'id: 2\nevent: done\ndata: {"status":"complete","total_events":1}\n\n',
 * );
 * ```
 */
export class SseHandler implements StreamHandler {
  /** The stream, for one client. */
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly #options: ReadBy<typeof RULES>;
  readonly #waiting: SseFrame[] = [];
  #sent = 0;
  #missing = 0;
  #state: "open" | "ended" | "left" = "open";
  #wake = () => {};

  /**
   * Makes the handler.
   *
   * @throws {TypeError} If an option is unknown or of the wrong type.
   * @throws {RangeError} If `maxMessages` is not a whole number of at least 1.
   */
  constructor(options: SseHandlerOptions = {}) {
    this.#options = readBy(OWNER, options, RULES);
    this.readable = new ReadableStream({
      pull: (controller) => this.#pull(controller),
      cancel: () => {
        this.#state = "left";
        this.#waiting.length = 0;
      },
    }, { highWaterMark: 0 });
  }

  /** The stream as the answer to a request. */
  response(): Response {
    return new Response(this.readable, { headers: STREAM_HEADERS });
  }

  /** Sends an event. */
  onEvent(event: StreamedEvent): void {
    if (this.#state !== "open") return;
    this.#push(event.event_type, this.#dataOf(event));
  }

  /** Sends `done`, and ends the stream. */
  onComplete(): void {
    this.#end("done", { status: "complete", total_events: this.#sent });
  }

  /** Sends `bus.error`, and ends the stream. */
  onError(error: unknown): void {
    const correlationId = crypto.randomUUID();
    this.#end("bus.error", { correlation_id: correlationId });
    this.#options.onError(error, correlationId);
  }

  #dataOf(event: StreamedEvent): string {
    const { includeTimestamp, serialize } = this.#options;
    if (includeTimestamp) return serialize(event);
    const { timestamp: _, ...rest } = event;
    return serialize(rest as StreamedEvent);
  }

  #end(event: string, data: object): void {
    if (this.#state !== "open") return;
    this.#push(event, JSON.stringify(data));
    this.#state = "ended";
  }

  #push(event: string, data: string): void {
    const { includeId, idPrefix, maxMessages } = this.#options;
    const id = includeId ? { id: `${idPrefix}${++this.#sent}` } : {};
    if (!includeId) this.#sent++;
    this.#waiting.push({ ...id, event, data });
    if (this.#waiting.length > maxMessages) {
      this.#waiting.shift();
      this.#missing++;
    }
    this.#wake();
  }

  async #pull(controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>): Promise<void> {
    while (this.#waiting.length === 0 && this.#state === "open") {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    if (this.#state === "left") return;
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    // With what follows it: a client that is as fast as the run would be given nothing but gaps.
    if (this.#missing > 0) {
      const to = this.#sent - this.#waiting.length;
      const gap = { from_seq: to - this.#missing + 1, to_seq: to, count: this.#missing };
      this.#missing = 0;
      const data = JSON.stringify({ ...gap, reason: "lagged" });
      chunks.push(encodeFrame({ event: "bus.gap", data }));
    }
    const frame = this.#waiting.shift();
    if (frame === undefined) return controller.close();
    chunks.push(encodeFrame(frame));
    controller.enqueue(joinChunks(chunks));
  }
}

const OWNER = "SseHandler";

const RULES = /* @__PURE__ */ (() => ({
  includeTimestamp: flag(true),
  includeId: flag(true),
  idPrefix: (owner: string, name: string, value: unknown = ""): string => {
    if (typeof value === "string" && !/[\r\n\0]/.test(value)) return value;
    const rule = "a text without line ends";
    throw new TypeError(`${owner}: "${name}" must be ${rule}, got ${describe(value)}`);
  },
  serialize: functionOr<(event: StreamedEvent) => string>(JSON.stringify),
  onError: functionOr<(error: unknown, correlationId: string) => void>(printError),
  maxMessages: whole(1024, 1),
}))() satisfies Rules<SseHandlerOptions>;

function printError(error: unknown, correlationId: string): void {
  console.error(`Locus: a run failed (${correlationId}):`, error);
}
