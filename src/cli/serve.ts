import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { parseHost } from "../adapters/http/hosts.ts";

/** A server on the loopback interface. */
export interface LocalServer {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly url: string;
  /** Cuts all connections and stops. */
  close(): Promise<void>;
}

/**
 * Answers requests from this machine.
 *
 * @param port 0 is any that is free.
 */
export async function serveLocally(
  answer: (request: Request) => Response | Promise<Response>,
  port: number,
): Promise<LocalServer> {
  const server = createServer((message, response) => {
    handle(message, response, answer).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, HOST, resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://${HOST}:${taken}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function handle(
  message: IncomingMessage,
  response: ServerResponse,
  answer: (request: Request) => Response | Promise<Response>,
): Promise<void> {
  const left = new AbortController();
  response.once("close", () => left.abort());
  // A recording is only read: the body of a request stays unread.
  message.resume();
  const request = toRequest(message, left.signal);
  if (request === null) return void response.writeHead(400).end();
  const { status, headers: sent, body } = await answer(request);
  response.writeHead(status, Object.fromEntries(sent));
  if (body === null || message.method === "HEAD") return void response.end();
  const reader = body.getReader();
  left.signal.addEventListener("abort", () => void reader.cancel().catch(() => {}));
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    if (left.signal.aborted) return;
    if (!response.write(piece.value)) {
      await new Promise<void>((resolve) => {
        response.once("drain", resolve);
        response.once("close", resolve);
      });
    }
  }
  response.end();
}

/** Null for what the web's `Request` cannot be: a host that is none, another target than a path or URL, TRACE. */
function toRequest(message: IncomingMessage, signal: AbortSignal): Request | null {
  const { method = "GET", url: target = "/", rawHeaders, headers: { host = HOST } } = message;
  if (parseHost(host) === null) return null;
  const headers = new Headers();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    headers.append(rawHeaders[index]!, rawHeaders[index + 1]!);
  }
  // Not resolved against the host: `//evil.example/` would be another one then.
  const url = target.startsWith("/") ? `http://${host}${target}` : target;
  try {
    return new Request(url, { method, headers, signal });
  } catch {
    return null;
  }
}

const HOST = "127.0.0.1";
