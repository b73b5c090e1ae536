import type { IncomingMessage, ServerResponse } from "node:http";
import { assertEquals } from "@std/assert";
import { type FollowedRun, type FollowOptions, followRun } from "@locus/core/client";
import { startStreamServer, type StreamConnection, type StreamServer } from "./_stream_server.ts";

/** A server and its followers, as a case drives them. */
export interface Live {
  server: StreamServer;
  /** Follows the server's stream; returned are its first connection, and how it is followed. */
  connect(options?: FollowOptions): Promise<[StreamConnection, FollowedRun]>;
}

/** A case that needs a server. What it follows is left at its end. */
export function live(
  run: (live: Live) => Promise<void>,
  answer?: (request: IncomingMessage, response: ServerResponse) => boolean,
): () => Promise<void> {
  return async () => {
    const server = await startStreamServer(answer);
    const follows: FollowedRun[] = [];
    try {
      await run({
        server,
        async connect(options = {}) {
          const follow = followRun(server.url, { retry: () => 0, ...options });
          follows.push(follow);
          // A follower connects when it is asked for an event.
          queue.set(follow, [follow.next()]);
          return [await server.nextConnection(), follow];
        },
      });
    } finally {
      for (const follow of follows) await follow.return();
      await server.close();
    }
  };
}

// What was asked for, and not looked at yet.
const queue = new WeakMap<FollowedRun, Promise<IteratorResult<{ data: unknown }, undefined>>[]>();

/** An event of ours that says something; the contract's ids are of the field alone. */
export function event(text: string, id?: string): string {
  const data = {
    event_id: `e-${++sent}`,
    run_id: "r",
    event_type: "test.said",
    timestamp: "2026-01-31T12:00:00.000Z",
    data: { text },
  };
  const field = id === undefined ? "" : `id: ${id}\n`;
  return `${field}event: test.said\ndata: ${JSON.stringify(data)}\n\n`;
}

let sent = 0;

/** Waits for the next event, which must say this. */
export async function says(follow: FollowedRun, text: string): Promise<void> {
  const asked = queue.get(follow)!;
  const { value } = await asked.shift()!;
  asked.push(follow.next());
  assertEquals(value?.data, { text });
}
