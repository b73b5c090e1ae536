import type { Context } from "hono";
import { type Host, isListed, LOOPBACK_HOSTS, parseHost } from "./_hosts.ts";
import { isLoopback, peerAddress } from "./_peer_address.ts";
import { Refusal } from "./_responses.ts";

/** Who may ask, before it is looked at what for. */
export interface GuardRules {
  /** Whether only this machine may, and no page of another origin. */
  readonly local: boolean;
  /** The hosts by which the server may be asked; null for any. */
  readonly hosts: readonly Host[] | null;
  /** Other origins whose pages may. */
  readonly origins: readonly string[];
}

/**
 * Refuses a request for a host that is not served here, and, where the server is local, one that comes from
 * elsewhere or that a page of another origin made.
 *
 * A page can make the name of its own host point at 127.0.0.1 and so become the same origin as a local server
 * (DNS rebinding); it cannot change what its requests say in `Host`.
 *
 * @throws {Refusal} 403.
 */
export function guardRequest(c: Context, { local, hosts, origins }: GuardRules): void {
  if (!local && hosts === null) return;
  const allowed = local ? [...LOOPBACK_HOSTS, ...hosts ?? []] : hosts ?? [];
  // Of a request with an absolute URL they are two.
  for (const text of [hostOf(c), new URL(c.req.url).host]) {
    const host = parseHost(text);
    if (host === null || !isListed(host, allowed)) {
      throw new Refusal(403, "This host is not served here");
    }
    if (isListed(host, hosts ?? [])) continue;
    // Whoever calls this machine by the name that it has for itself is on it.
    const address = peerAddress(c);
    if (address !== null && !isLoopback(address)) {
      throw new Refusal(403, "Only this machine is answered here");
    }
  }
  if (local && !isNavigation(c)) refuseOtherOrigins(c, origins, true);
}

/**
 * Refuses what a page of another origin sends, or a form of one could: for requests that change something.
 *
 * @throws {Refusal} 403, or 415 for a type of content that no form has.
 */
export function guardPost(c: Context, origins: readonly string[], types: readonly string[]): void {
  refuseOtherOrigins(c, origins, false);
  const [text = ""] = (c.req.header("Content-Type") ?? "").split(";");
  const type = text.trim().toLowerCase();
  if (types.includes(type)) return;
  throw new Refusal(FORM_TYPES.includes(type) ? 403 : 415, `Send ${types.join(" or ")}`);
}

// What a browser sends to any server without asking it first; "" is no type at all.
const FORM_TYPES = ["", "text/plain", "multipart/form-data", "application/x-www-form-urlencoded"];

/** `isStrict` does not trust `Sec-Fetch-Site` over an `Origin` that says otherwise. */
function refuseOtherOrigins(c: Context, origins: readonly string[], isStrict: boolean): void {
  const origin = c.req.header("Origin");
  if (origin !== undefined && origins.includes(origin)) return;
  const site = c.req.header("Sec-Fetch-Site");
  // Behind a proxy the host may be another than the page's; then the browser's own word is the better one.
  const isOther = site !== undefined && site !== "same-origin" && site !== "none" ||
    origin !== undefined && (isStrict || site === undefined) && !isOriginOf(origin, hostOf(c));
  if (isOther) throw new Refusal(403, "Pages of other origins are not answered here");
}

function isOriginOf(origin: string, host: string): boolean {
  return URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
}

/** A link that somebody follows; what it leads to is not readable for the page that it is on. */
function isNavigation(c: Context): boolean {
  return c.req.header("Sec-Fetch-Mode") === "navigate" &&
    c.req.header("Sec-Fetch-Dest") === "document" && c.req.method === "GET";
}

function hostOf(c: Context): string {
  return c.req.header("Host") ?? new URL(c.req.url).host;
}
