import type { Context } from "hono";

/** What the servers hand to Hono beside a request, each its own; nothing where an app is called directly. */
type PeerEnv = Partial<{
  /** `Deno.serve`. */
  remoteAddr: { hostname?: string };
  /** `@hono/node-server`. */
  incoming: { socket?: { remoteAddress?: string } };
  /** `Bun.serve`, handed on by itself or in an object. */
  requestIP: RequestIp;
  server: { requestIP?: RequestIp };
}>;

type RequestIp = (request: Request) => { address: string } | null;

/** The address that a request came from, if the server provides it; null otherwise. */
export function peerAddress(c: Context): string | null {
  const env = c.env as PeerEnv | null | undefined;
  if (typeof env !== "object" || env === null) return null;
  const { remoteAddr, incoming, server } = env;
  return remoteAddr?.hostname ?? incoming?.socket?.remoteAddress ??
    server?.requestIP?.(c.req.raw)?.address ?? env.requestIP?.(c.req.raw)?.address ?? null;
}

/** Whether an address is this machine itself. */
export function isLoopback(address: string): boolean {
  return /^(?:::ffff:)?127\.\d+\.\d+\.\d+$|^::1$/i.test(address);
}
