/**
 * The HTTP servers that a test can put an app behind: the runtime's own, and `@hono/node-server`, which
 * is Node's and runs on the others too. Each listens on a free port of the loopback interface.
 *
 * @module
 */
import { serve as serveOnNode } from "@hono/node-server";

/** What is served. */
export interface App {
  fetch(request: Request): Response | Promise<Response>;
}

/** A server that listens. */
export interface TestServer {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly url: string;
  /** Cuts all connections and stops. */
  close(): Promise<void>;
}

/** A kind of server. */
export interface ServerKind {
  readonly name: string;
  serve(app: App): Promise<TestServer>;
}

/** The kinds of servers that this runtime has. */
export const serverKinds: readonly ServerKind[] = [
  ...("Deno" in globalThis ? [{ name: "Deno.serve", serve: serveOnDeno }] : []),
  ...("Bun" in globalThis ? [{ name: "Bun.serve", serve: serveOnBun }] : []),
  { name: "@hono/node-server", serve: serveWithNodeServer },
];

/** Puts an app behind the first of them: the runtime's own. */
export function serve(app: App): Promise<TestServer> {
  return serverKinds[0]!.serve(app);
}

const hostname = "127.0.0.1";

async function serveOnDeno(app: App): Promise<TestServer> {
  const stop = new AbortController();
  const { promise, resolve } = Promise.withResolvers<number>();
  const server = Deno.serve({
    port: 0,
    hostname,
    signal: stop.signal,
    onListen: ({ port }) => resolve(port),
  }, (request) => app.fetch(request));
  return {
    url: `http://${hostname}:${await promise}`,
    async close() {
      stop.abort();
      await server.finished;
    },
  };
}

/** The part of `Bun.serve` that is used here. */
interface BunRuntime {
  serve(options: { port: number; hostname: string; fetch: App["fetch"] }): {
    port: number;
    stop(closeConnections: boolean): Promise<void>;
  };
}

function serveOnBun(app: App): Promise<TestServer> {
  const { Bun } = globalThis as typeof globalThis & { Bun: BunRuntime };
  const server = Bun.serve({ port: 0, hostname, fetch: (request) => app.fetch(request) });
  return Promise.resolve({
    url: `http://${hostname}:${server.port}`,
    close: () => server.stop(true),
  });
}

// As everybody has it on Node. Where there is another server too, that one needs its own `Response`.
const overrideGlobalObjects = serverKinds.length === 1;

function serveWithNodeServer(app: App): Promise<TestServer> {
  return new Promise((resolve) => {
    const fetch = app.fetch.bind(app);
    const server = serveOnNode({ port: 0, hostname, fetch, overrideGlobalObjects }, ({ port }) => {
      resolve({
        url: `http://${hostname}:${port}`,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            if ("closeAllConnections" in server) server.closeAllConnections();
          }),
      });
    });
  });
}
