import { builtinModule } from "../runtime/builtin_module.ts";
import { nextTurn } from "../runtime/next_turn.ts";
import type { NodeResponse } from "./node_response.ts";
import { everyTogether } from "./heartbeats.ts";
import { NodeWriter } from "./node_writer.ts";
import type { TakeOver, WireWriter, WrittenStream } from "./wire_writer.ts";

/**
 * Finds out whether a stream is the body of a response of Node, and may be written by us from there on.
 *
 * The answer has to go its way first, through Hono and all middleware to the server, which writes the head and pumps the body.
 * Middleware may have put something in between, such as one that compresses or counts: then the stream remains a stream.
 */
export class NodeTakeOver implements TakeOver {
  readonly #response: NodeResponse;

  constructor(response: NodeResponse) {
    this.#response = response;
  }

  onClose(listener: () => void): void {
    this.#response.on("close", listener);
  }

  every(ms: number, tick: () => void): () => void {
    return everyTogether(ms, tick);
  }

  /** The body is read by whoever writes the head. */
  async whenBegun(): Promise<boolean> {
    if (!this.#response.headersSent) await nextTurn();
    const { headersSent, destroyed, writableEnded } = this.#response;
    return headersSent && !destroyed && !writableEnded;
  }

  /** What comes from anywhere but a reader that waits for the chunk takes longer, or is something else. */
  pass(
    chunk: Uint8Array,
    enqueue: () => void,
    onPassed: (begin: ((stream: WrittenStream) => WireWriter) | null) => void,
  ): void {
    const response = this.#response;
    // What was corked waits in the response, and would be overtaken by what goes to the socket.
    const isPlain = response.write === plainWrite() && response.writableCorked === 0;
    const restore = replace(response, "write", (write) => (...args) => {
      if (args[0] === chunk) isWritten = true;
      return isReady = write.apply(response, args);
    });
    let isWritten = false;
    let isReady = false;
    try {
      enqueue();
    } catch (error) {
      restore();
      throw error;
    }
    queueMicrotask(() => {
      restore();
      const begin = (stream: WrittenStream) =>
        new NodeWriter(stream, { response, isPlain, isReady, end: this.#keepOpen() });
      onPassed(isWritten ? begin : null);
    });
  }

  /** Has the pump, whose stream is over for it, end nothing. Returns the method that does. */
  #keepOpen(): NodeResponse["end"] {
    const response = this.#response;
    const { end } = response;
    const restore = replace(response, "end", () => () => {
      restore();
      return response;
    });
    return end;
  }
}

/** How a response writes that nobody has changed: neither itself, nor by a class of its own. */
function plainWrite(): unknown {
  const http = builtinModule<{ OutgoingMessage: { prototype: NodeResponse } }>("node:http");
  return http?.OutgoingMessage.prototype.write;
}

/** Replaces a method until the returned function is called. Nothing is deleted: that would make the object slow and large. */
function replace<K extends "write" | "end">(
  response: NodeResponse,
  name: K,
  make: (own: NodeResponse[K]) => NodeResponse[K],
): () => void {
  const own = response[name];
  response[name] = make(own);
  return () => void (response[name] = own);
}
