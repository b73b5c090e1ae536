/**
 * A client of one run, over HTTP, as anybody could write it: it reads an event stream and resumes
 * where it was cut off.
 *
 * @module
 */
import type { StreamEvent } from "@locus/core";
import { fromSse } from "@locus/core/sse";
import { setTimeout as delay } from "node:timers/promises";

/** What a follower learns, in order. */
export type Followed =
  | { readonly kind: "event"; readonly event: StreamEvent }
  /** The connection is gone; `after` is the last event that arrived. */
  | { readonly kind: "lost"; readonly after: string | null }
  /** There is a new one; `recovery` is the server's word on what was missed. */
  | { readonly kind: "resumed"; readonly after: string | null; readonly recovery: string };

/** Options of {@linkcode follow}. */
export interface FollowOptions {
  /** Ends it. */
  signal?: AbortSignal;
  /** Pause before coming back, in milliseconds. @default {1000} */
  retryMs?: number;
}

/**
 * Follows a run until its `bus.end`.
 *
 * @throws {Error} If the server refuses, or cannot be reached several times in a row.
 */
export async function* follow(
  url: string,
  { signal, retryMs = 1000 }: FollowOptions = {},
): AsyncGenerator<Followed> {
  let after: string | null = null;
  for (let connections = 0;; connections++) {
    const response = await connect(url, after, { signal, retryMs });
    if (connections > 0) {
      const recovery = response.headers.get("Locus-Recovery") ?? "unknown";
      yield { kind: "resumed", after, recovery };
    }
    // 204: the run is over, and there is nothing more to say.
    if (response.body === null) return;
    const events = response.body.pipeThrough(fromSse())[Symbol.asyncIterator]();
    for (;;) {
      // An error of the connection is as good as its end: what counts is that there was no bus.end.
      const next = await events.next().catch(() => null);
      signal?.throwIfAborted();
      if (next === null || next.done || next.value.event_type === "bus.error") break;
      const event: StreamEvent = next.value;
      // Only what was taken counts: what was decoded ahead is lost with the connection.
      after = event.event_id;
      yield { kind: "event", event };
      if (event.event_type === "bus.end") return;
    }
    yield { kind: "lost", after };
    await delay(retryMs, undefined, { signal });
  }
}

async function connect(
  url: string,
  after: string | null,
  { signal, retryMs }: { signal?: AbortSignal; retryMs: number },
): Promise<Response> {
  const headers: HeadersInit = { Accept: "text/event-stream" };
  if (after !== null) headers["Last-Event-ID"] = after;
  for (let attempt = 1;; attempt++) {
    try {
      const response = await fetch(url, { headers, signal });
      if (response.ok) return response;
      await response.body?.cancel();
      throw new Error(`Cannot follow ${url}: ${response.status} ${response.statusText}`);
    } catch (error) {
      if (signal?.aborted || attempt === MAX_ATTEMPTS || !(error instanceof TypeError)) throw error;
      await delay(retryMs, undefined, { signal });
    }
  }
}

const MAX_ATTEMPTS = 5;
