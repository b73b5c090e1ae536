/**
 * Requests that `fetch` does not let anybody make: with a `Host` of one's own, and as browsers make them for
 * pages.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { connect } from "node:net";

/** What a raw request consists of. */
export interface RawRequestOptions {
  method?: string;
  /** The target as it is sent: what `URL` would tidy up. */
  path?: string;
  /** `Host` is the server's own, if it is not given. */
  headers?: Readonly<Record<string, string>>;
  body?: string;
}

/** What came back. */
export interface RawResponse {
  status: number;
  /** The status line and the headers, as they came. */
  head: string;
  /** The body as it was sent: in chunked encoding, if the server chose that. */
  body: string;
}

/** Sends a request on a connection of its own, and reads its answer to the end. */
export function rawRequest(url: string, options: RawRequestOptions = {}): Promise<RawResponse> {
  const { method = "GET", headers = {}, body = "" } = options;
  const { hostname, port, pathname, search, host } = new URL(url);
  const { path = pathname + search } = options;
  const lines = Object.entries({
    Host: host,
    ...headers,
    ...(body && { "Content-Length": String(Buffer.byteLength(body)) }),
    Connection: "close",
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port) });
    let text = "";
    socket.setEncoding("latin1");
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body}`);
    });
    socket.on("data", (part: string) => {
      text += part;
      // A server may wait for the rest of a body that is not sent.
      if (isComplete(text)) socket.destroy();
    });
    socket.once("close", () => {
      const { head, body } = split(text);
      resolve({ status: Number(head.split(" ")[1]), head, body });
    });
  });
}

function split(text: string): { head: string; body: string } {
  const end = text.indexOf("\r\n\r\n");
  return end === -1
    ? { head: text, body: "" }
    : { head: text.slice(0, end), body: text.slice(end + 4) };
}

function isComplete(text: string): boolean {
  const { head, body } = split(text);
  const length = /^content-length: *(\d+)/im.exec(head)?.[1];
  return length !== undefined && body.length >= Number(length);
}
