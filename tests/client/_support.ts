/**
 * What tests of the client share: servers that answer as scripted, and a line that can be cut.
 *
 * @module
 */
import type { Buffer } from "node:buffer";
import { connect, createServer, type Socket } from "node:net";
import type { EventBus } from "@locus/core";
import type { FollowedRun, FollowOptions } from "@locus/core/client";
import { encodeEvent, type WireEvent } from "@locus/core/sse";
import { type AnyEvent, summarize } from "../harness/support/read.ts";

/** A request that a scripted server got. */
export interface Asked {
  url: string;
  headers: Headers;
  signal: AbortSignal;
  init: RequestInit;
}

/** What it answers, or how it fails. */
export type Answer = Response | Error | ((asked: Asked) => Response | Promise<Response>);

/** A `fetch` that gives one answer after another, and the requests that it got. */
export function scripted(...answers: Answer[]) {
  const asked: Asked[] = [];
  const rest = answers.values();
  const fetch = async (url: string, init: RequestInit): Promise<Response> => {
    const request = { url, headers: new Headers(init.headers), signal: init.signal!, init };
    asked.push(request);
    const { value: answer, done } = rest.next();
    if (done) throw new Error("The script is over: nobody expected this request");
    if (answer instanceof Error) throw answer;
    return typeof answer === "function" ? await answer(request) : answer;
  };
  return { asked, fetch };
}

/** An event stream that ends after these pieces. */
export function stream(...pieces: (string | Uint8Array)[]): Response {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(toBytes(piece));
      controller.close();
    },
  });
  return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
}

/** An event stream of these bytes in pieces of so many. */
export function pieces(bytes: Uint8Array, length: number): Response {
  const parts: Uint8Array[] = [];
  for (let offset = 0; offset < bytes.length; offset += length) {
    parts.push(bytes.subarray(offset, Math.min(bytes.length, offset + length)));
  }
  return stream(...parts);
}

/** The bytes of a text. */
export function toBytes(text: string | Uint8Array): Uint8Array {
  return typeof text === "string" ? new TextEncoder().encode(text) : text;
}

/** The event with number `n` of run `r`, as it goes over the wire. */
export function tick(n: number, epoch = "e"): WireEvent {
  return {
    event_id: `${epoch}-${n}`,
    run_id: "r",
    event_type: "test.tick",
    timestamp: "2026-01-31T12:00:00.000Z",
    data: { n },
  };
}

/** Ticks on the wire. */
export function ticks(...numbers: number[]): string {
  return wire(...numbers.map((n) => tick(n)));
}

/** Events on the wire. */
export function wire(...events: WireEvent[]): string {
  return events.map((event) => new TextDecoder().decode(encodeEvent(event))).join("");
}

/** The end of run `r`, after tick `last`. */
export function end(last: number): string {
  return wire({
    ...tick(last + 1),
    event_type: "bus.end",
    data: { last_event_id: last === 0 ? null : `e-${last}` },
  });
}

/** Comes back at once, so that no test waits. */
export const atOnce: Pick<FollowOptions, "retry"> = { retry: () => 0 };

/** Publishes ticks to run `r`. */
export function publish(bus: EventBus, ...numbers: number[]): void {
  for (const n of numbers) bus.publish({ run_id: "r", event_type: "test.tick", data: { n } });
}

/** Everything that is followed, up to the end. */
export async function readToEnd(follow: AsyncIterable<unknown>): Promise<AnyEvent[]> {
  const events: AnyEvent[] = [];
  for await (const event of follow) events.push(event as AnyEvent);
  return events;
}

/** The next so many events; the follower goes on. */
export async function readNext(follow: FollowedRun, count: number): Promise<AnyEvent[]> {
  const events: AnyEvent[] = [];
  while (events.length < count) {
    const { value, done } = await follow.next();
    if (done) break;
    events.push(value as AnyEvent);
  }
  return events;
}

/** Numbers and gaps, and `end` for `bus.end`. */
export function outline(events: readonly AnyEvent[]): (number | string)[] {
  return events.flatMap((event) => event.event_type === "bus.end" ? ["end"] : summarize([event]));
}

/** A line to a server that may change: what a client has for an address. */
export interface Line {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly url: string;
  /** How many connections are open. */
  readonly open: number;
  /** Leads to another server from now on; to none, so that every connection breaks, if it is null. */
  leadTo(url: string | null): void;
  /** Cuts all connections. */
  cut(): void;
  /** Of the next connections, each is cut after so many bytes of the answer; the rest are not. */
  cutAfter(...lengths: number[]): void;
  close(): Promise<void>;
}

/** Lays a line to a server, on a port of its own. */
export async function layLine(to: string | null): Promise<Line> {
  const sockets = new Set<Socket>();
  let target = to;
  let limits: number[] = [];
  const server = createServer((client) => {
    sockets.add(client);
    client.on("error", () => {});
    client.on("close", () => sockets.delete(client));
    if (target === null) return client.destroy();
    const { hostname, port } = new URL(target);
    const upstream = connect({ host: hostname, port: Number(port) });
    let left = limits.shift() ?? Infinity;
    upstream.on("error", () => client.destroy());
    upstream.on("close", () => client.destroy());
    client.on("close", () => upstream.destroy());
    client.on("data", (data: Buffer) => upstream.write(data));
    upstream.on("data", (data: Buffer) => {
      if (left === 0) return;
      const part = data.subarray(0, Math.min(data.length, left));
      left -= part.length;
      client.write(part, () => {
        if (left === 0) client.destroy();
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${port}`,
    get open() {
      return sockets.size;
    },
    leadTo: (url) => void (target = url),
    cut,
    cutAfter: (...lengths) => void (limits = lengths),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        cut();
      }),
  };
}
