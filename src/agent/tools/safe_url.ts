/** Keeps tools that open URLs out of the network that they run in. */

import { deadline } from "../../core/waits.ts";
import { describe } from "../../core/options.ts";
import { flag, optionalFunction, readBy } from "../../core/option_rules.ts";
import { environmentVariable } from "../../runtime/environment.ts";
import { hostLookup } from "../../runtime/host.ts";
import { isUrl } from "../../runtime/realm.ts";

/** Options of {@linkcode validateUrl} and {@linkcode isSafeUrl}. */
export interface SafeUrlOptions {
  /**
   * Whether this machine and private networks may be reached. The services that hand out a cloud
   * machine's keys never may.
   *
   * @default {false, unless the variable LOCUS_ALLOW_PRIVATE_URLS of the environment is 1 or true}
   */
  allowPrivate?: boolean;
  /**
   * Looks up the addresses of a name.
   *
   * @default {the runtime's own; where it has none, names are judged by themselves}
   */
  resolve?: (name: string) => Promise<readonly string[]>;
}

/**
 * Reads a URL that a model made up, before you open it: a public place, over HTTP.
 *
 * - **Refused:** other schemes; user names and passwords; loopback, private and link-local addresses in
 *   every way of writing them; names that belong to the local network; and names of which one address is
 *   such a place, or that cannot be looked up within 5 seconds.
 * - **Redirects** have to be checked one by one: fetch with `redirect: "manual"`.
 * - It is a check, not a lock: a name can be given another address before you open it. Where that
 *   matters, send requests through a proxy that knows what it may reach.
 *
 * @throws {TypeError} If it is no URL, or an option is unknown or of the wrong type.
 * @throws {RangeError} If it is not to be opened; the message says why.
 *
 * @example A tool that reads pages
 * ```ts
 * import { tool, validateUrl } from "@locus/core/agent";
 *
 * const readPage = tool<{ url: string }>({
 *   name: "read_page",
 *   parameters: { type: "object", properties: { url: { type: "string" } }, required: ["url"] },
 *   execute: async ({ url }, { signal }) => {
 *     const response = await fetch(await validateUrl(url), { signal, redirect: "manual" });
 *     return response.text();
 *   },
 * });
 * ```
 */
export async function validateUrl(url: string | URL, options: SafeUrlOptions = {}): Promise<URL> {
  const { allowPrivate, resolve = hostLookup() } = readBy(OWNER, options, rules());
  const parsed = parse(url);
  if (parsed.protocol !== "http:" && parsed.protocol !== "https:") {
    throw refused(parsed, `only http and https are opened, not ${describe(parsed.protocol)}`);
  }
  if (parsed.username !== "" || parsed.password !== "") {
    throw refused(parsed, "it carries a user name or password");
  }
  const name = parsed.hostname.replace(/\.+$/, "");
  check(parsed, addressKind(name) ?? nameKind(name), allowPrivate);
  if (addressKind(name) !== null || resolve === undefined) return parsed;
  for (const address of await lookUp(parsed, name, resolve)) {
    check(parsed, addressKind(address) ?? "never", allowPrivate);
  }
  return parsed;
}

/**
 * Whether a URL may be opened: {@linkcode validateUrl} as a question.
 *
 * @throws {TypeError} If an option is unknown or of the wrong type.
 *
 * @example Ask
 * ```ts
 * import { isSafeUrl } from "@locus/core/agent";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(await isSafeUrl("http://169.254.169.254/latest/meta-data/"), false);
 * assertEquals(await isSafeUrl("http://2130706433/"), false); // 127.0.0.1
 * ```
 */
export async function isSafeUrl(url: string | URL, options: SafeUrlOptions = {}): Promise<boolean> {
  readBy(OWNER, options, rules());
  try {
    await validateUrl(url, options);
    return true;
  } catch {
    return false;
  }
}

const OWNER = "validateUrl()";
const LOOKUP_MS = 5000;

function parse(url: unknown): URL {
  try {
    if (typeof url === "string" || isUrl(url)) return new URL(url);
  } catch {
    // Told below.
  }
  throw new TypeError(`${OWNER}: expected an absolute URL, got ${describe(url)}`);
}

/** Names that have their meaning within a machine or a network. */
function nameKind(name: string): AddressKind {
  if (METADATA_NAMES.has(name)) return "never";
  const isLocal = !name.includes(".") || LOCAL_SUFFIXES.some((suffix) => name.endsWith(suffix));
  return isLocal ? "private" : "public";
}

async function lookUp(
  url: URL,
  name: string,
  resolve: NonNullable<SafeUrlOptions["resolve"]>,
): Promise<readonly string[]> {
  let addresses: readonly string[];
  try {
    addresses = await deadline(Promise.resolve(resolve(name)), LOOKUP_MS);
  } catch (cause) {
    throw refused(url, "its name cannot be looked up", cause);
  }
  if (addresses.length === 0) throw refused(url, "its name has no address");
  return addresses;
}

function check(url: URL, kind: AddressKind, allowPrivate: boolean): void {
  if (kind === "never") throw refused(url, "nothing there is for an agent");
  if (kind === "private" && !allowPrivate) {
    throw refused(url, "it leads into a private network");
  }
}

// Without the address that a name has: it would show the model what the network looks like.
function refused(url: URL, why: string, cause?: unknown): RangeError {
  const shown = describe(`${url.protocol}//${url.host}`);
  return new RangeError(`${OWNER}: ${shown} must not be opened: ${why}`, { cause });
}

/** As the environment is now. */
function rules() {
  return {
    allowPrivate: flag(/^(?:1|true)$/i.test(environmentVariable("LOCUS_ALLOW_PRIVATE_URLS") ?? "")),
    resolve: optionalFunction<NonNullable<SafeUrlOptions["resolve"]>>(),
  };
}

const METADATA_NAMES: ReadonlySet<string> = new Set([
  "instance-data",
  "instance-data.ec2.internal",
  "metadata",
  "metadata.azure.internal",
  "metadata.goog",
  "metadata.google.internal",
]);

const LOCAL_SUFFIXES = [".localhost", ".local", ".localdomain", ".internal", ".lan", ".home.arpa"];

/** `never`: not for requests of an agent, whatever is allowed. `private`: this machine and its network. */
export type AddressKind = "public" | "private" | "never";

/** Reads an address, IPv4 or IPv6, as `URL` or a name server writes it; null if it is none. */
export function addressKind(address: string): AddressKind | null {
  const host = canonicalHost(address);
  if (host === null) return null;
  const v4 = readV4(host);
  if (v4 !== null) return v4Kind(v4);
  return host.startsWith("[") ? v6Kind(readV6(host.slice(1, -1))) : null;
}

/** An address in the one way that `URL` writes it. */
function canonicalHost(address: string): string | null {
  // A zone says through which interface, not where to.
  const [bare = ""] = address.replace(/^\[|\]$/g, "").split("%");
  const host = bare.includes(":") ? `[${bare}]` : bare;
  try {
    return new URL(`http://${host}/`).hostname;
  } catch {
    return null;
  }
}

function readV4(host: string): number | null {
  if (!/^\d+\.\d+\.\d+\.\d+$/.test(host)) return null;
  return host.split(".").reduce((value, part) => value * 256 + Number(part), 0);
}

/** The eight groups of an address in the short form. */
function readV6(text: string): number[] {
  const [head = "", tail] = text.split("::");
  const groups = (part: string) =>
    part === "" ? [] : part.split(":").map((group) => parseInt(group, 16));
  const [before, after] = [groups(head), groups(tail ?? "")];
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

function v4Kind(address: number): AddressKind {
  for (const [kind, ranges] of Object.entries(V4_RANGES)) {
    if (ranges.some((range) => isWithin(address, range))) return kind as AddressKind;
  }
  return "public";
}

function isWithin(address: number, range: string): boolean {
  const [start, bits] = range.split("/");
  const size = 2 ** (32 - Number(bits));
  return Math.floor(address / size) === Math.floor(readV4(start!)! / size);
}

function v6Kind(groups: readonly number[]): AddressKind {
  const [a = 0, b = 0, c = 0] = groups;
  const last = (groups[6] ?? 0) * 65536 + (groups[7] ?? 0);
  const leadingZeros = groups.findIndex((group) => group !== 0);
  if (leadingZeros === -1) return "never";
  if (leadingZeros === 7 && last === 1) return "private";
  // Mapped (::ffff:0:0/96), its translated form (::ffff:0:0:0/96) and the old compatible one (::/96).
  if (leadingZeros >= 6 || (leadingZeros === 5 && groups[5] === 0xffff)) return v4Kind(last);
  if (leadingZeros === 4 && groups[4] === 0xffff && groups[5] === 0) return v4Kind(last);
  // The same through a gateway: NAT64 and 6to4.
  if (a === 0x64 && b === 0xff9b) return c === 0 ? v4Kind(last) : "private";
  if (a === 0x2002) return v4Kind(b * 65536 + c);
  // The metadata service of AWS; links and multicast.
  if (a === 0xfd00 && b === 0xec2) return "never";
  if ((a & 0xffc0) === 0xfe80 || (a & 0xff00) === 0xff00) return "never";
  // Unique local, site local, documentation, discard, and tunnels that hide an address.
  if ((a & 0xfe00) === 0xfc00 || (a & 0xffc0) === 0xfec0) return "private";
  if (a === 0x2001 && (b === 0 || b === 0xdb8)) return "private";
  return a === 0x100 && b === 0 ? "private" : "public";
}

const V4_RANGES = {
  never: [
    // Where clouds hand out the machine's own keys: link-local, and those of Azure, Alibaba and Oracle.
    ...["169.254.0.0/16", "168.63.129.16/32", "100.100.100.200/32", "192.0.0.192/32"],
    // This network, multicast, reserved, broadcast.
    ...["0.0.0.0/8", "224.0.0.0/3"],
  ],
  private: [
    ...["10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.0.0.0/24"],
    ...["192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24"],
    "203.0.113.0/24",
  ],
};
