/**
 * Serves an app on a free loopback port with what the runtime brings along.
 *
 * @module
 */
import { load } from "./load.ts";

/** A server that is running. */
export interface Server {
  /** Where it listens, without a slash at the end. */
  readonly url: string;
  /** Stops it, and drops every connection. */
  stop(): Promise<void>;
}

type Handler = (request: Request) => Response | Promise<Response>;

/** Serves `fetch` on Deno, Bun or Node. */
export async function serve(fetch: Handler): Promise<Server> {
  const { Deno, Bun } = globalThis as Runtimes;
  if (Deno !== undefined) {
    const stopper = new AbortController();
    const server = Deno.serve(
      { hostname: HOST, port: 0, signal: stopper.signal, onListen() {} },
      fetch,
    );
    const stop = () => {
      stopper.abort();
      return server.finished;
    };
    return { url: `http://${HOST}:${server.addr.port}`, stop };
  }
  if (Bun !== undefined) {
    const server = Bun.serve({ hostname: HOST, port: 0, fetch: (request) => fetch(request) });
    return { url: `http://${HOST}:${server.port}`, stop: () => server.stop(true) };
  }
  const { createAdaptorServer } = await load<typeof import("@hono/node-server")>(
    "@hono/node-server",
  );
  const { createServer } = await import("node:http");
  const server = createAdaptorServer({ fetch, createServer }) as ReturnType<typeof createServer>;
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  const { port } = server.address() as { port: number };
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://${HOST}:${port}`, stop };
}

/** The part of each runtime that is used; none of them knows the types of the others. */
interface Runtimes {
  readonly Deno?: {
    serve(
      options: { hostname: string; port: number; signal: AbortSignal; onListen(): void },
      handler: Handler,
    ): { readonly addr: { readonly port: number }; readonly finished: Promise<void> };
  };
  readonly Bun?: {
    serve(options: { hostname: string; port: number; fetch: Handler }): {
      readonly port: number;
      stop(closeConnections: boolean): Promise<void>;
    };
  };
}

const HOST = "127.0.0.1";
