import type { Chunk } from "./chunk.ts";

/** How the bytes of one connection leave. It tells its stream when it takes more, and when the client has left. */
export interface WireWriter {
  /** Whether it takes a chunk now. */
  readonly isReady: boolean;
  write(chunk: Chunk): void;
  /** Ends the response after what was written. */
  end(): void;
  /** Fails the response, so that nothing waits until what was written is read. */
  cutOff(): void;
  /** Calls `tick` again and again, until the returned function is called. */
  every(ms: number, tick: () => void): () => void;
}

/** What a writer tells that it takes more. */
export interface WrittenStream {
  ready(): void;
}

/** A response whose rest may be written past the stream, once that has turned out to be its body. */
export interface TakeOver {
  /** Calls back when the response is over, or its client has left. */
  onClose(listener: () => void): void;
  /** Calls `tick` again and again, until the returned function is called. */
  every(ms: number, tick: () => void): () => void;
  /** Resolves when the head has been written, if that is about to happen; else with false. */
  whenBegun(): Promise<boolean>;
  /**
   * Calls `enqueue`, which hands a chunk to a reader that waits for it, and then back: with what writes the rest if the
   * reader has written just that to the response before anybody else had a turn, else with null.
   */
  pass(
    chunk: Uint8Array,
    enqueue: () => void,
    onPassed: (begin: ((stream: WrittenStream) => WireWriter) | null) => void,
  ): void;
}
