/**
 * The ways to send runs to many clients: ours, and those it stands beside.
 *
 * @module
 */
import { createServer, type ServerResponse } from "node:http";
import { EventEmitter } from "node:events";
import { EventBus } from "@locus/core";
import { locus } from "@locus/core/hono";
import { createChannel, createSession } from "better-sse";
import { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { eventOf, frameOf, PAYLOAD, runOf, TYPE } from "./event.ts";
import { listen, portOf } from "./listen.ts";

/** A server of some runs, `r0` and so on. */
export interface Contender {
  readonly port: number;
  /** Sends one event to all clients of one of the runs. */
  publish(n: number): void;
}

/** The contenders, by name; each is told how many runs there are. */
export const contenders: Readonly<Record<string, (runs: number) => Promise<Contender>>> = {
  locus: overLocus,
  hono_stream_sse: overStreamSse,
  better_sse: overBetterChannels,
  better_push: overBetterSessions,
  raw: overRawWrites,
  raw_batch: overBatchedWrites,
  enqueue: overEnqueues,
};

/** Our routes, with room for as many clients as there are. */
async function overLocus(runs: number): Promise<Contender> {
  const bus = new EventBus({ maxRunsRetained: 5_000 });
  const app = locus({ bus, limits: { connections: 10_000, connectionsPerRun: 10_000 } });
  return {
    port: await listen(app.fetch),
    publish: (n) =>
      void bus.publish({ run_id: runOf(n, runs), event_type: TYPE, data: { n, ...PAYLOAD } }),
  };
}

/** Hono's own helper, with an emitter: what its documentation leads to. Each client has the event made into text. */
async function overStreamSse(runs: number): Promise<Contender> {
  const events = new EventEmitter().setMaxListeners(0);
  const app = new Hono().get("/runs/:run/events", (c) =>
    streamSSE(c, async (stream) => {
      events.on(c.req.param("run"), (event: { event_id: string }) =>
        void stream.writeSSE({ id: event.event_id, event: TYPE, data: JSON.stringify(event) }));
      await new Promise<void>((resolve) =>
        stream.onAbort(resolve)
      );
    }));
  return {
    port: await listen(app.fetch),
    publish: (n) => void events.emit(runOf(n, runs), eventOf(n, runs)),
  };
}

/** The library as it is meant for this: a channel a run, with a session a client. */
async function overBetterChannels(runs: number): Promise<Contender> {
  const channels = new Map<string, ReturnType<typeof createChannel>>();
  for (let n = 0; n < runs; n++) channels.set(runOf(n, runs), createChannel());
  const server = createServer(async (request, response) => {
    channels.get(runIn(request.url))!.register(await createSession(request, response));
  });
  return {
    port: await portOf(server),
    publish(n) {
      const event = eventOf(n, runs);
      channels.get(event.run_id)!.broadcast(event, TYPE, { eventId: event.event_id });
    },
  };
}

/** The library without channels: pushed to each session. */
async function overBetterSessions(runs: number): Promise<Contender> {
  const sessions = new Clients<Awaited<ReturnType<typeof createSession>>>();
  const server = createServer(async (request, response) => {
    sessions.add(runIn(request.url), await createSession(request, response));
  });
  return {
    port: await portOf(server),
    publish(n) {
      const event = eventOf(n, runs);
      for (const session of sessions.of(event.run_id)) session.push(event, TYPE, event.event_id);
    },
  };
}

/** Made into bytes once, and written to each response; nothing is kept, and nobody waited for. */
async function overRawWrites(runs: number): Promise<Contender> {
  const clients = new Clients<ServerResponse>();
  return {
    port: await portOf(rawServer(clients)),
    publish(n) {
      const bytes = frameOf(n, runs);
      for (const response of clients.of(runOf(n, runs))) response.write(bytes);
    },
  };
}

/** The same, with one write for all that a run gets in a turn: the limit by public means. */
async function overBatchedWrites(runs: number): Promise<Contender> {
  const clients = new Clients<ServerResponse>();
  const publish = inBatches(runs, (run, bytes) => {
    for (const response of clients.of(run)) response.write(bytes);
  });
  return { port: await portOf(rawServer(clients)), publish };
}

/** The same with web streams, on any runtime: one piece for each client for all that its run gets in a turn. */
async function overEnqueues(runs: number): Promise<Contender> {
  const clients = new Clients<ReadableStreamDefaultController<Uint8Array>>();
  const app = new Hono().get("/runs/:run/events", (c) => {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(": hello\n\n"));
        clients.add(c.req.param("run"), controller);
      },
    });
    return c.body(body, 200, { "Content-Type": "text/event-stream" });
  });
  const publish = inBatches(runs, (run, bytes) => {
    for (const controller of clients.of(run)) controller.enqueue(bytes);
  });
  return { port: await listen(app.fetch), publish };
}

/** The clients of each run. */
class Clients<T> {
  readonly #byRun = new Map<string, T[]>();

  add(run: string, client: T): void {
    this.#byRun.set(run, [...this.of(run), client]);
  }

  of(run: string): readonly T[] {
    return this.#byRun.get(run) ?? [];
  }
}

function rawServer(clients: Clients<ServerResponse>) {
  return createServer((request, response) => {
    response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-cache" });
    response.flushHeaders();
    clients.add(runIn(request.url), response);
  });
}

/** Hands over what a run gets in a turn as one piece. */
function inBatches(
  runs: number,
  send: (run: string, bytes: Uint8Array) => void,
): (n: number) => void {
  const pending = new Map<string, Uint8Array[]>();
  return (n) => {
    const run = runOf(n, runs);
    const frames = pending.get(run) ?? [];
    frames.push(frameOf(n, runs));
    if (frames.length > 1) return;
    pending.set(run, frames);
    queueMicrotask(() => {
      pending.delete(run);
      send(run, frames.length === 1 ? frames[0]! : join(frames));
    });
  };
}

function join(frames: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(frames.reduce((size, { length }) => size + length, 0));
  let at = 0;
  for (const frame of frames) {
    whole.set(frame, at);
    at += frame.length;
  }
  return whole;
}

/** Of `/runs/r7/events`, `r7`. */
function runIn(url = ""): string {
  return url.split("/")[2] ?? "";
}
