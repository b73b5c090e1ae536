import type { Context } from "hono";
import { sha256, toHex } from "../../core/sha256.ts";
import { inTime } from "../http/in_time.ts";
import { proxySignOf } from "../http/proxy_signs.ts";
import { guardRequest } from "../http/request_guard.ts";
import { Refusal } from "../http/responses.ts";
import type { AccessConfig } from "./access_options.ts";

/** Who a request comes from: what threads and runs belong to. */
export type Principal = string;

/** Finds the principal of a request, and refuses a request without one. */
export class Access {
  readonly #config: AccessConfig;
  // Requests that came in by a socket of this machine, whatever their headers say.
  readonly #local = new WeakSet<Request>();
  // Who sent a request, as people know them.
  readonly #names = new WeakMap<Request, string>();
  #digests: Promise<readonly Uint8Array[]> | null = null;
  // Hashing is work for another thread, and most of a short request. Only keys of ours come in here.
  readonly #known = new Map<string, Principal>();

  constructor(config: AccessConfig) {
    this.#config = config;
  }

  /** Whether clients can't be identified, so that only requests from this machine are answered. */
  get isLocalOnly(): boolean {
    const { apiKeys, authenticate, allowUnauthenticated } = this.#config;
    return apiKeys.length === 0 && authenticate === undefined && !allowUnauthenticated;
  }

  /** Notes that a request came in by a listener on the loopback interface. */
  addLocal(request: Request): void {
    this.#local.add(request);
  }

  /**
   * The sender of a request, as it may be shown: the name from `authenticate`, or the start of the key's hash;
   * null without authentication. Available once the principal is known.
   */
  nameOf(c: Context): string | null {
    return this.#names.get(c.req.raw) ?? null;
  }

  /** @throws {Refusal} With 401 or 403, if the request has no principal. */
  principalOf(c: Context): Principal | Promise<Principal> {
    const { apiKeys, authenticate, allowUnauthenticated } = this.#config;
    if (apiKeys.length > 0) return this.#byKey(c);
    if (authenticate !== undefined) return this.#byName(c, inTime("authenticate", authenticate(c)));
    if (!allowUnauthenticated) this.#checkLocal(c);
    return ANONYMOUS;
  }

  async #byKey(c: Context): Promise<Principal> {
    const token = /^Bearer +([\x21-\x7e]+)$/i.exec(c.req.header("Authorization") ?? "")?.[1];
    if (token === undefined) throw unauthorized("Missing bearer token");
    const principal = this.#known.get(token) ?? await this.#verify(token);
    this.#names.set(c.req.raw, `key ${principal.slice(0, 8)}`);
    return principal;
  }

  async #verify(token: string): Promise<Principal> {
    this.#digests ??= Promise.all(this.#config.apiKeys.map(sha256));
    const [digests, given] = await Promise.all([this.#digests, sha256(token)]);
    let isKnown = false;
    // Compares all of them, always, so that the time it takes reveals nothing about any key.
    for (const digest of digests) isKnown = isEqual(digest, given) || isKnown;
    if (!isKnown) throw unauthorized("Invalid bearer token");
    const principal = toPrincipal(given);
    this.#known.set(token, principal);
    return principal;
  }

  async #byName(c: Context, named: string | null | Promise<string | null>): Promise<Principal> {
    const name = await named;
    // A forgotten return must not make everybody the same person, and neither must two names that have no UTF-8
    // of their own (half surrogate pairs).
    if (typeof name !== "string" || name === "" || !name.isWellFormed()) {
      throw unauthorized("Not authenticated");
    }
    this.#names.set(c.req.raw, name);
    return toPrincipal(await sha256(name));
  }

  #checkLocal(c: Context): void {
    if (!this.#local.has(c.req.raw) || proxySignOf(c.req.raw.headers) !== null) {
      throw unauthorized("This server was given no keys, so it answers its own machine only");
    }
    guardRequest(c, { local: true, hosts: null, origins: [] });
  }
}

const ANONYMOUS = "anon";

function unauthorized(message: string): Refusal {
  return new Refusal(401, message, { "WWW-Authenticate": "Bearer" });
}

/** The same work wherever they differ. Hashes of both, so that not even a length can be found out. */
function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i]!;
  return difference === 0;
}

/** The whole hash: a part of it is soon found twice, and then one principal reads the other's threads. */
function toPrincipal(digest: Uint8Array): Principal {
  return toHex(digest);
}
