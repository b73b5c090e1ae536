import { utf8Length } from "../runtime/utf8_length.ts";
import type { Chunk } from "./chunk.ts";
import { everyTogether } from "./heartbeats.ts";
import type { NodeResponse, NodeSocket } from "./node_response.ts";
import type { WireWriter, WrittenStream } from "./wire_writer.ts";

/** A response that can be written to. */
export interface BegunResponse {
  readonly response: NodeResponse;
  /** Whether it writes as Node does, and at once. */
  readonly isPlain: boolean;
  /** Whether it takes more now. */
  readonly isReady: boolean;
  /** The method that ends it. */
  readonly end: NodeResponse["end"];
}

/**
 * Writes to a response of `node:http` whose headers and opening have been sent.
 *
 * A chunk goes to the socket, framed once for all connections, because the response itself would make three pieces of it. Where
 * something has changed how the response writes, such as a middleware that compresses, it goes through that.
 */
export class NodeWriter implements WireWriter {
  isReady: boolean;
  readonly #stream: WrittenStream;
  readonly #response: NodeResponse;
  readonly #end: NodeResponse["end"];
  // Where the response is written as it is.
  readonly #socket: NodeSocket | null;

  constructor(stream: WrittenStream, { response, isPlain, isReady, end }: BegunResponse) {
    this.#stream = stream;
    this.#response = response;
    this.#end = end;
    this.isReady = isReady;
    const { socket, chunkedEncoding } = response;
    const isFramed = chunkedEncoding === true && socket?._httpMessage === response;
    this.#socket = isPlain && isFramed ? socket : null;
    // What is written after the client has left is no error of the program.
    response.on("error", ignore);
    (this.#socket ?? response).on("drain", this.#drained);
  }

  write(chunk: Chunk): void {
    const response = this.#response;
    // The stream is told of it soon.
    if (response.destroyed || response.writableEnded) return;
    const socket = this.#socket;
    this.isReady = socket === null ? response.write(chunk.bytes) : writeFramed(socket, chunk);
  }

  end(): void {
    this.#forget();
    if (!this.#response.destroyed) this.#end.call(this.#response);
  }

  cutOff(): void {
    this.#forget();
    this.#response.destroy();
  }

  every(ms: number, tick: () => void): () => void {
    return everyTogether(ms, tick);
  }

  readonly #drained = (): void => {
    if (this.isReady) return;
    this.isReady = true;
    this.#stream.ready();
  };

  /** The socket may get another response. */
  #forget(): void {
    (this.#socket ?? this.#response).off("drain", this.#drained);
  }
}

function ignore(): void {}

/** A text for one client needs no bytes of its own: Node writes it as it is. */
function writeFramed(socket: NodeSocket, chunk: Chunk): boolean {
  const { text } = chunk;
  if (chunk.isShared || text === undefined) return socket.write(chunk.framed);
  const size = utf8Length(text);
  const framed = `${size.toString(16)}\r\n${text}\r\n`;
  return socket.write(framed, size === text.length ? "latin1" : "utf8");
}
