/** Servers of this runtime, on any free port. */
import type { Server } from "node:http";
import { serve } from "@hono/node-server";

type Fetch = (request: Request, env?: object) => Response | Promise<Response>;

/** Serves with what the runtime has: `Deno.serve`, `Bun.serve`, or Hono's server for Node. */
export function listen(fetch: Fetch): Promise<number> {
  const { Bun } = globalThis as typeof globalThis & { Bun?: BunRuntime };
  if (Bun !== undefined) return Promise.resolve(Bun.serve({ port: 0, hostname, fetch }).port);
  return new Promise((resolve) => {
    const onListen = ({ port }: { port: number }) => resolve(port);
    if (!("Deno" in globalThis)) serve({ fetch, port: 0, hostname }, onListen);
    else Deno.serve({ port: 0, hostname, onListen }, (request) => fetch(request));
  });
}

/** Lets a server of Node listen. */
export function portOf(server: Server): Promise<number> {
  return new Promise((resolve, reject) =>
    server.listen(0, hostname, () => {
      const address = server.address();
      if (address !== null && typeof address === "object") resolve(address.port);
      else reject(new Error("no port"));
    })
  );
}

const hostname = "127.0.0.1";

interface BunRuntime {
  serve(options: { port: number; hostname: string; fetch: Fetch }): { port: number };
}
