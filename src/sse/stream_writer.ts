import type { Chunk } from "./chunk.ts";
import type { EventStream } from "./event_stream.ts";
import type { TakeOver, WireWriter, WrittenStream } from "./wire_writer.ts";

/**
 * Writes to a stream that is pulled, one chunk for a pull: the runtime or whoever reads the body takes it from there.
 *
 * Where it may be the body of a response of Node, the first chunk shows whether it is; then the rest is written there, and
 * the stream, its reader and its pump are done with.
 */
export class StreamWriter implements WireWriter, UnderlyingDefaultSource<Uint8Array<ArrayBuffer>> {
  isReady = false;
  readonly #stream: EventStream;
  readonly #response: TakeOver | undefined;
  #takeOver: TakeOver | null;
  #controller!: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  #isWriting = false;
  // Answers the first pull.
  #answer: (() => void) | null = null;

  constructor(stream: EventStream, response?: TakeOver) {
    this.#stream = stream;
    this.#response = response;
    this.#takeOver = response ?? null;
    response?.onClose(stream.close);
  }

  start(controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>): void {
    this.#controller = controller;
    this.#stream.open(this);
  }

  /** Once it is clear whose the response is, without a promise: what comes later is enqueued later. */
  pull(): void | Promise<void> {
    if (this.#stream.isOver) return;
    const takeOver = this.#takeOver;
    if (takeOver === null) return this.#ask();
    return new Promise((resolve) => {
      this.#answer = resolve;
      void takeOver.whenBegun().then(this.#begin);
    });
  }

  readonly #begin = (isBegun: boolean): void => {
    if (!isBegun) this.#takeOver = null;
    this.#ask();
  };

  #ask(): void {
    this.isReady = true;
    // Who writes looks whether there is more.
    if (!this.#isWriting) this.#stream.ready();
  }

  cancel(): void {
    this.#stream.cancel();
    this.#settle();
  }

  write({ bytes }: Chunk): void {
    this.isReady = false;
    const takeOver = this.#takeOver;
    this.#takeOver = null;
    if (takeOver !== null && this.#answer !== null) {
      return takeOver.pass(bytes, () => this.#controller.enqueue(bytes), this.#moveTo);
    }
    this.#isWriting = true;
    try {
      this.#controller.enqueue(bytes);
    } finally {
      this.#isWriting = false;
      this.#answer?.();
      this.#answer = null;
    }
  }

  readonly #moveTo = (begin: ((stream: WrittenStream) => WireWriter) | null): void => {
    if (begin !== null && !this.#stream.isOver) {
      const writer = begin(this.#stream);
      this.#controller.close();
      this.#stream.moveTo(writer);
    }
    this.#settle();
  };

  end(): void {
    this.#controller.close();
    this.#settle();
  }

  cutOff(): void {
    // The code is how streams of Node call this; servers there do not take it for a fault of the application.
    const error = new Error("The client does not read what it was sent");
    this.#controller.error(Object.assign(error, { code: "ERR_STREAM_PREMATURE_CLOSE" }));
    this.#settle();
  }

  every(ms: number, tick: () => void): () => void {
    if (this.#response !== undefined) return this.#response.every(ms, tick);
    // The connection's own: where each request runs by itself, none may do another's work.
    const timer = setInterval(tick, ms);
    return () => clearInterval(timer);
  }

  #settle(): void {
    this.isReady = false;
    const answer = this.#answer;
    this.#answer = null;
    answer?.();
  }
}
