import type { Context } from "hono";
import { type Host, hostOfOrigin, hostsOf, isListed, isSameHost, LOOPBACK_HOSTS } from "./hosts.ts";
import { isLoopback, peerAddress } from "./peer_address.ts";
import { proxySignOf } from "./proxy_signs.ts";
import { Refusal } from "./responses.ts";

/** Which requests are let in, whatever they ask for. */
export interface GuardRules {
  /** Whether only this machine is, and no page of another origin. */
  readonly local: boolean;
  /** The hosts by which the server can be called; null for any. */
  readonly hosts: readonly Host[] | null;
  /** Other origins whose pages are. */
  readonly origins: readonly string[];
}

/**
 * Refuses a request for a host that is not served here. A local server also refuses what a proxy passed on,
 * what comes from another machine, and what a page of another origin asks for.
 *
 * A page can make the name of its own host point at 127.0.0.1 and so become the same origin as a local server
 * (DNS rebinding), but it cannot change the `Host` header of its requests. A proxy can: its requests come from this
 * machine and may name `localhost`, so a request with any header of a proxy is refused.
 *
 * @throws {Refusal} 403.
 */
export function guardRequest(c: Context, { local, hosts, origins }: GuardRules): void {
  if (!local && hosts === null) return;
  const named = hosts ?? [];
  for (const host of hostsOf(c)) {
    if (host === null || !isListed(host, local ? [...LOOPBACK_HOSTS, ...named] : named)) {
      throw new Refusal(403, "This host is not served here");
    }
    if (isListed(host, named)) continue;
    // A client that calls this machine by its name for itself is on it.
    const address = peerAddress(c);
    if (address !== null && !isLoopback(address)) {
      throw new Refusal(403, "Only this machine is answered here");
    }
  }
  if (!local) return;
  const sign = proxySignOf(c.req.raw.headers);
  if (sign !== null) {
    throw new Refusal(
      403,
      `Only this machine is answered here, and the header "${sign}" comes from a proxy`,
    );
  }
  if (!isNavigation(c)) refuseOtherOrigins(c, origins, true);
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

// Types that a browser sends to any server without a preflight request; "" means no type.
const FORM_TYPES = ["", "text/plain", "multipart/form-data", "application/x-www-form-urlencoded"];

/** `isStrict` does not trust `Sec-Fetch-Site` over an `Origin` that contradicts it. */
function refuseOtherOrigins(c: Context, origins: readonly string[], isStrict: boolean): void {
  const origin = c.req.header("Origin");
  if (origin !== undefined && origins.includes(origin)) return;
  const site = c.req.header("Sec-Fetch-Site");
  // Behind a proxy the host may differ from the page's, so the browser's own header is checked first.
  const isOther = site !== undefined && site !== "same-origin" && site !== "none" ||
    origin !== undefined && (isStrict || site === undefined) &&
      !isSameHost(hostOfOrigin(origin), hostsOf(c)[0]);
  if (isOther) throw new Refusal(403, "Pages of other origins are not answered here");
}

/** A followed link. The page that contains it cannot read the response. */
function isNavigation(c: Context): boolean {
  return c.req.header("Sec-Fetch-Mode") === "navigate" &&
    c.req.header("Sec-Fetch-Dest") === "document" && c.req.method === "GET";
}
