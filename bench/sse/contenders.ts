/**
 * The ways to send one run to many clients, all as a server of Node: ours, and those it stands beside.
 *
 * @module
 */
import { createServer, type ServerResponse } from "node:http";
import { EventEmitter } from "node:events";
import { serve } from "@hono/node-server";
import { EventBus } from "@locus/core";
import { locus } from "@locus/core/hono";
import { createChannel, createSession } from "better-sse";
import { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { PAYLOAD, TYPE } from "./event.ts";

/** A server of one run. */
export interface Contender {
  readonly port: number;
  /** Sends one event to all clients. */
  publish(n: number): void;
}

/** The contenders, by name. */
export const contenders: Readonly<Record<string, () => Promise<Contender>>> = {
  locus: overLocus,
  hono_stream_sse: overStreamSse,
  better_sse: overBetterSse,
  raw: overRawWrites,
};

/** Our routes, with room for as many clients as there are. */
async function overLocus(): Promise<Contender> {
  const bus = new EventBus();
  const app = locus({ bus, limits: { connections: 10_000, connectionsPerRun: 10_000 } });
  return {
    port: await listen(app.fetch),
    publish: (n) => void bus.publish({ run_id: "r", event_type: TYPE, data: { n, ...PAYLOAD } }),
  };
}

/** Hono's own helper, with an emitter: what its documentation leads to. Each client has the event made into text. */
async function overStreamSse(): Promise<Contender> {
  const events = new EventEmitter().setMaxListeners(0);
  const app = new Hono().get("/runs/r/events", (c) =>
    streamSSE(c, async (stream) => {
      events.on(TYPE, (event: { event_id: string }) =>
        void stream.writeSSE({ id: event.event_id, event: TYPE, data: JSON.stringify(event) }));
      await new Promise<void>((resolve) =>
        stream.onAbort(resolve)
      );
    }));
  return { port: await listen(app.fetch), publish: (n) => void events.emit(TYPE, eventOf(n)) };
}

/** The library: a channel with a session a client. */
async function overBetterSse(): Promise<Contender> {
  const channel = createChannel();
  const server = createServer(async (request, response) => {
    channel.register(await createSession(request, response));
  });
  return {
    port: await portOf(server),
    publish(n) {
      const event = eventOf(n);
      channel.broadcast(event, TYPE, { eventId: event.event_id });
    },
  };
}

/** The limit: made into bytes once, and written to each socket; nothing is kept, and nobody waited for. */
async function overRawWrites(): Promise<Contender> {
  const clients = new Set<ServerResponse>();
  const server = createServer((_, response) => {
    response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-cache" });
    response.flushHeaders();
    clients.add(response);
    response.on("close", () => clients.delete(response));
  });
  return {
    port: await portOf(server),
    publish(n) {
      const event = eventOf(n);
      const text = `id: ${event.event_id}\nevent: ${TYPE}\ndata: ${JSON.stringify(event)}\n\n`;
      const bytes = new TextEncoder().encode(text);
      for (const response of clients) response.write(bytes);
    },
  };
}

function eventOf(n: number) {
  return {
    event_id: `bench-${n}`,
    run_id: "r",
    event_type: TYPE,
    timestamp: new Date().toISOString(),
    data: { n, ...PAYLOAD },
  };
}

function listen(fetch: Hono["fetch"]): Promise<number> {
  return new Promise((resolve) =>
    serve({ fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) => resolve(port))
  );
}

function portOf(server: ReturnType<typeof createServer>): Promise<number> {
  return new Promise((resolve, reject) =>
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (address !== null && typeof address === "object") resolve(address.port);
      else reject(new Error("no port"));
    })
  );
}
