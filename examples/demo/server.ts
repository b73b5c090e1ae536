/**
 * The demo's server: the routes of Locus, and a plug that can be pulled.
 *
 * @module
 */
import type { Bus } from "@locus/core";
import { locus } from "@locus/core/hono";
import { Hono } from "hono";
import { serve, type Server } from "../support/serve.ts";

/** A server of runs whose connections can be cut. */
export interface DemoServer extends Server {
  /** Where a run can be followed. */
  urlOf(runId: string): string;
  /** Breaks every connection in the middle of the next event. */
  cut(): void;
}

/** Serves `bus` on a free loopback port. */
export async function startServer(bus: Bus): Promise<DemoServer> {
  let plug = new AbortController();
  const app = new Hono();
  app.use("/locus/*", async (c, next) => {
    await next();
    const { body } = c.res;
    if (body !== null) c.res = new Response(body.pipeThrough(breakable(plug.signal)), c.res);
  });
  app.route("/locus", locus({ bus }));
  const server = await serve((request) => app.fetch(request));
  return {
    ...server,
    urlOf: (runId) => `${server.url}/locus/runs/${runId}/events`,
    cut() {
      plug.abort();
      // Whoever comes back gets a connection that works.
      plug = new AbortController();
    },
  };
}

/** Passes bytes on until `signal` is aborted; then the next events but for the end of the last one. */
function breakable(signal: AbortSignal): TransformStream<Uint8Array, Uint8Array> {
  return new TransformStream({
    transform(chunk, controller) {
      const isEvent = chunk.length > TORN_OFF;
      if (!signal.aborted || !isEvent) return controller.enqueue(chunk);
      controller.enqueue(chunk.subarray(0, -TORN_OFF));
      controller.terminate();
    },
  });
}

/** More bytes than a heartbeat has, and fewer than any event. */
const TORN_OFF = 32;
