/**
 * A client that decides itself when to read. What `fetch` leaves unread some runtimes read all the
 * same, so this one sits on a socket.
 *
 * @module
 */
import { connect } from "node:net";
import { Buffer } from "node:buffer";

/** A GET request whose response is read on demand. */
export interface SlowClient {
  /** Reads on, until the server has ended the response; answers the body, without chunk heads. */
  readAll(): Promise<Uint8Array>;
  /** Reads on, until the server has cut the connection or ended the response in order: whether it was cut. */
  readToCut(): Promise<boolean>;
  /** Cuts the connection, as a client that crashed does. */
  destroy(): void;
}

/** Sends the request, reads the head of the response and stops reading. */
export function requestSlowly(url: string): Promise<SlowClient> {
  const { hostname, port, pathname, search } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port) });
    const parts: Buffer[] = [];
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.write(`GET ${pathname}${search} HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`);
    });
    socket.once("data", (part: Buffer) => {
      socket.pause();
      parts.push(part);
      resolve({
        readAll: () =>
          new Promise((done) => {
            socket.on("data", (part: Buffer) => {
              parts.push(part);
              if (!endsWithLastChunk(part)) return;
              socket.destroy();
              done(bodyOf(Buffer.concat(parts)));
            });
            socket.resume();
          }),
        readToCut: () =>
          new Promise((done) => {
            let isInOrder = false;
            socket.on("data", (part: Buffer) => void (isInOrder = endsWithLastChunk(part)));
            socket.removeListener("error", reject);
            socket.once("error", () => {});
            socket.once("close", () => done(!isInOrder));
            socket.resume();
          }),
        destroy: () => socket.destroy(),
      });
    });
  });
}

function endsWithLastChunk(part: Buffer): boolean {
  return part.subarray(-5).toString("latin1") === "0\r\n\r\n";
}

/** The body of a response in chunked encoding. */
function bodyOf(response: Buffer): Uint8Array {
  let offset = response.indexOf("\r\n\r\n") + 4;
  const chunks: Buffer[] = [];
  while (true) {
    const headEnd = response.indexOf("\r\n", offset);
    const length = parseInt(response.toString("latin1", offset, headEnd), 16);
    if (length === 0) return Buffer.concat(chunks);
    offset = headEnd + 2;
    chunks.push(response.subarray(offset, offset + length));
    offset += length + 2;
  }
}
