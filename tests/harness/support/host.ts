/**
 * A server that can be killed and started again, as a machine does it.
 *
 * @module
 */
import { serve as serveOnNode } from "@hono/node-server";
import type { App } from "./serve.ts";

/** A server on a port of its own, that can be killed and started again there. */
export class Host {
  #server: ReturnType<typeof serveOnNode> | null = null;
  #port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Listens, where it listened before. */
  start(app: App): Promise<void> {
    return new Promise((resolve) => {
      this.#server = serveOnNode(
        {
          fetch: app.fetch.bind(app),
          port: this.#port,
          hostname: "127.0.0.1",
          overrideGlobalObjects: false,
        },
        ({ port }) => {
          this.#port = port;
          resolve();
        },
      );
    });
  }

  /** Cuts all connections, and does not listen any more. */
  kill(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    return new Promise((resolve) => {
      if (server === null) return resolve();
      server.close(() => resolve());
      if ("closeAllConnections" in server) server.closeAllConnections();
    });
  }
}
