import { describe } from "../core/options.ts";

/** A host as the `Host` header names it. */
export interface Host {
  /** In lower case; an address of IPv6 in brackets. */
  readonly name: string;
  /** Undefined if it is the scheme's own. */
  readonly port: string | undefined;
}

const HOST = /^(\[[0-9a-f:.]{2,45}\]|[a-z0-9_](?:[a-z0-9_.-]{0,252}))(?::(\d{1,5}))?$/;

/** Reads a host; null for what is none. */
export function parseHost(text: string): Host | null {
  const match = HOST.exec(text.toLowerCase());
  return match === null ? null : { name: match[1]!, port: match[2] };
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

/** @throws {TypeError} If `hosts` is no list of hosts. */
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

/** @throws {TypeError} If `origins` is no list of origins. */
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
