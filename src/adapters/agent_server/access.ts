import type { Context } from "hono";
import { guardRequest } from "../_request_guard.ts";
import { Refusal } from "../_responses.ts";
import type { AgentServerConfig } from "./options.ts";

/** Who a request comes from: what threads and runs belong to. */
export type Principal = string;

/** Says who a request comes from, and lets nobody in who cannot be told. */
export class Access {
  readonly #config: Pick<AgentServerConfig, "apiKeys" | "authenticate" | "allowUnauthenticated">;
  // Requests that came in by a socket of this machine, whatever their headers say.
  readonly #local = new WeakSet<Request>();
  #digests: Promise<readonly Uint8Array[]> | null = null;

  constructor(
    config: Pick<AgentServerConfig, "apiKeys" | "authenticate" | "allowUnauthenticated">,
  ) {
    this.#config = config;
  }

  /** Whether nobody can be told from anybody, so that only this machine may ask. */
  get isLocalOnly(): boolean {
    const { apiKeys, authenticate, allowUnauthenticated } = this.#config;
    return apiKeys.length === 0 && authenticate === undefined && !allowUnauthenticated;
  }

  /** Notes that a request came in by a listener on the loopback interface. */
  addLocal(request: Request): void {
    this.#local.add(request);
  }

  /** @throws {Refusal} With 401 or 403, if the request is nobody's. */
  principalOf(c: Context): Principal | Promise<Principal> {
    const { apiKeys, authenticate, allowUnauthenticated } = this.#config;
    if (apiKeys.length > 0) return this.#byKey(c);
    if (authenticate !== undefined) return byName(authenticate(c));
    if (!allowUnauthenticated) this.#checkLocal(c);
    return ANONYMOUS;
  }

  async #byKey(c: Context): Promise<Principal> {
    const token = /^Bearer +([\x21-\x7e]+)$/i.exec(c.req.header("Authorization") ?? "")?.[1];
    if (token === undefined) throw unauthorized("Missing bearer token");
    this.#digests ??= Promise.all(this.#config.apiKeys.map(sha256));
    const [digests, given] = await Promise.all([this.#digests, sha256(token)]);
    let isKnown = false;
    // All of them, always: how long it takes tells nothing about any key.
    for (const digest of digests) isKnown = isEqual(digest, given) || isKnown;
    if (!isKnown) throw unauthorized("Invalid bearer token");
    return toPrincipal(given);
  }

  #checkLocal(c: Context): void {
    if (!this.#local.has(c.req.raw) || FORWARDED.some((name) => c.req.header(name) !== undefined)) {
      throw unauthorized("This server was given no keys, so it answers its own machine only");
    }
    guardRequest(c, { local: true, hosts: null, origins: [] });
  }
}

const ANONYMOUS = "anon";
// Whatever a proxy on this machine forwards comes from somewhere else.
const FORWARDED = ["Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"];

const textEncoder = new TextEncoder();

async function byName(named: string | null | Promise<string | null>): Promise<Principal> {
  const name = await named;
  // A forgotten return must not make everybody the same person.
  if (typeof name !== "string" || name === "") throw unauthorized("Not authenticated");
  return toPrincipal(await sha256(name));
}

function unauthorized(message: string): Refusal {
  return new Refusal(401, message, { "WWW-Authenticate": "Bearer" });
}

async function sha256(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", textEncoder.encode(text)));
}

/** The same work wherever they differ. Hashes of both, so that not even a length can be found out. */
function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i]!;
  return difference === 0;
}

function toPrincipal(digest: Uint8Array): Principal {
  return Array.from(digest.subarray(0, 6), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
