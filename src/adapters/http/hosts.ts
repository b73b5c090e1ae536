import type { Context } from "hono";
import { describe } from "../../core/options.ts";

/** A host as the `Host` header names it. */
export interface Host {
  /** In lower case; an IPv6 address in brackets. */
  readonly name: string;
  /** Undefined if it is the scheme's default. */
  readonly port: string | undefined;
}

const HOST = /^(\[[0-9a-f:.]{2,45}\]|[a-z0-9_](?:[a-z0-9_.-]{0,252}))(?::(\d{1,5}))?$/;

/** Reads a host such as `localhost:8000`; null if it is not one. */
export function parseHost(text: string): Host | null {
  const [, name, port] = HOST.exec(text.toLowerCase()) ?? [];
  if (name === undefined || port !== undefined && !isPort(Number(port))) return null;
  return { name, port };
}

/**
 * The hosts that a request names: that of its `Host` header, and that of its URL. They differ where a client
 * sent an absolute URL. Null stands for one that cannot be read. This never throws: some servers build the URL
 * from any header, and `new URL()` refuses the result.
 */
export function hostsOf({ req }: Context): [header: Host | null, url: Host | null] {
  const ofUrl = parseHost(/^https?:\/\/([^/?#\\]*)/i.exec(req.url)?.[1] ?? "");
  const header = req.header("Host");
  return [header === undefined ? ofUrl : parseHost(header), ofUrl];
}

/** Reads the host of an `Origin` header; null if it is not a page's origin, as `null` is. */
export function hostOfOrigin(origin: string): Host | null {
  return parseHost(/^https?:\/\/(.*)$/i.exec(origin)?.[1] ?? "");
}

/** Whether two hosts are the same; what could not be read is the same as nothing. */
export function isSameHost(a: Host | null, b: Host | null): boolean {
  return a !== null && b !== null && a.name === b.name && a.port === b.port;
}

/** The names by which a machine calls itself. */
export const LOOPBACK_HOSTS: readonly Host[] = ["localhost", "127.0.0.1", "[::1]"].map((name) => ({
  name,
  port: undefined,
}));

/** Whether a host is in a list. One that is listed without a port is allowed on each. */
export function isListed(host: Host, list: readonly Host[]): boolean {
  return list.some(({ name, port }) =>
    name === host.name && (port === undefined || port === host.port)
  );
}

/** @throws {TypeError} If `hosts` is not a list of hosts. */
export function checkHosts(owner: string, hosts: unknown): Host[] {
  if (!Array.isArray(hosts)) {
    throw new TypeError(`${owner}: "allowedHosts" must be an array, got ${describe(hosts)}`);
  }
  return hosts.map((text) => {
    const host = typeof text === "string" ? parseHost(text) : null;
    if (host !== null) return host;
    throw new TypeError(
      `${owner}: "allowedHosts" must hold hosts such as "example.com" or "example.com:8080", got ` +
        describe(text),
    );
  });
}

/** @throws {TypeError} If `origins` is not a list of origins. */
export function checkOrigins(owner: string, origins: unknown): string[] {
  if (!Array.isArray(origins)) {
    throw new TypeError(`${owner}: "allowedOrigins" must be an array, got ${describe(origins)}`);
  }
  return origins.map((text) => {
    if (typeof text === "string" && URL.canParse(text) && new URL(text).origin === text) {
      return text;
    }
    throw new TypeError(
      `${owner}: "allowedOrigins" must hold origins such as "https://example.com", got ` +
        describe(text),
    );
  });
}

function isPort(port: number): boolean {
  return port >= 1 && port <= 65_535;
}
