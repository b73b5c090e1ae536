import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** A request for a stream, and what its server does with it. */
export interface StreamConnection {
  readonly method: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  send(text: string): void;
  /** Cuts the connection in the middle. */
  break(): void;
}

/** An HTTP server whose streams are driven by a test. */
export interface StreamServer {
  readonly url: string;
  /** How many requests came. */
  readonly requests: number;
  /** The next request for a stream. */
  nextConnection(): Promise<StreamConnection>;
  close(): Promise<void>;
}

/** Starts a server. `answer` may answer a request itself; it returns whether it did. */
export async function startStreamServer(
  answer: (request: IncomingMessage, response: ServerResponse) => boolean = () => false,
): Promise<StreamServer> {
  const sockets = new Set<Socket>();
  const connections: StreamConnection[] = [];
  let requests = 0;
  let wake = () => {};
  const server = createServer(async (request, response) => {
    requests++;
    if (answer(request, response)) return;
    let body = "";
    request.setEncoding("utf8");
    for await (const part of request) body += part;
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.flushHeaders();
    const { method = "", headers } = request;
    connections.push({
      method,
      headers,
      body,
      send: (text) => void response.write(text),
      break: () => void request.socket.destroy(),
    });
    wake();
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    get requests() {
      return requests;
    },
    async nextConnection() {
      while (connections.length === 0) await new Promise<void>((resolve) => wake = resolve);
      return connections.shift()!;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
