/** A provider on the loopback interface, which answers what it was told to. */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

/** What it answers to one request. */
export interface Reply {
  /** @default {200} */
  readonly status?: number;
  /** @default {"text/event-stream"} */
  readonly type?: string;
  /** What is sent, piece by piece. */
  readonly pieces: readonly (string | Uint8Array)[];
  /**
   * What comes after the pieces: the end, a cut of the connection, or nothing more. Nothing at all, if
   * there are no pieces.
   *
   * @default {"end"}
   */
  readonly then?: "end" | "cut" | "wait";
}

/** One request, and what became of it. */
export interface Exchange {
  readonly path: string;
  readonly body: unknown;
  /** When the connection is closed before the response is over. */
  readonly left: Promise<void>;
}

/** A server that listens. */
export interface ProviderServer {
  readonly baseURL: string;
  readonly exchanges: readonly Exchange[];
  /** Resolves when so many requests have come and their pieces are sent. */
  answered(count: number): Promise<void>;
  close(): Promise<void>;
}

/** Answers the first request with the first reply, and so on. */
export async function serveReplies(replies: readonly Reply[]): Promise<ProviderServer> {
  const exchanges: Exchange[] = [];
  const answered = replies.map(() => Promise.withResolvers<void>());
  const server = createServer(async (request, response) => {
    const left = Promise.withResolvers<void>();
    response.once("close", () => {
      if (!response.writableEnded) left.resolve();
    });
    // A client may well leave while something is being written.
    response.on("error", () => {});
    const body = JSON.parse(await readText(request));
    const index = exchanges.push({ path: request.url ?? "", body, left: left.promise }) - 1;
    const reply = replies[index] ?? { status: 500, pieces: ["Nobody expected this request"] };
    await send(response, reply);
    answered[index]?.resolve();
  });
  await new Promise<void>((listens) => server.listen(0, "127.0.0.1", listens));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("It has no port");
  return {
    baseURL: `http://127.0.0.1:${address.port}/v1`,
    exchanges,
    answered: async (count) => {
      await Promise.all(answered.slice(0, count).map(({ promise }) => promise));
    },
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

async function send(response: ServerResponse, reply: Reply): Promise<void> {
  const { status = 200, type = "text/event-stream", pieces, then = "end" } = reply;
  response.writeHead(status, { "Content-Type": type });
  for (const piece of pieces) {
    if (response.destroyed) return;
    await new Promise((sent) => response.write(piece, sent));
  }
  if (then === "end") response.end();
  if (then === "cut") response.destroy();
}

async function readText(request: IncomingMessage): Promise<string> {
  let text = "";
  request.setEncoding("utf8");
  for await (const piece of request) text += piece;
  return text;
}
