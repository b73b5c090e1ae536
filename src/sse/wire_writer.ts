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
