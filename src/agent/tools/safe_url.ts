/** Keeps tools that open URLs out of the network that they run in. */

import { deadline } from "../../core/waits.ts";
import { describe } from "../../core/options.ts";
import { flag, optionalFunction, readBy } from "../../core/option_rules.ts";
import { environmentVariable } from "../../runtime/environment.ts";
import { hostLookup } from "../../runtime/host.ts";
import { type AddressKind, addressKind } from "./ip_ranges.ts";
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
  const { allowPrivate, resolve } = readOptions(options);
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
  readOptions(options);
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

function readOptions(options: SafeUrlOptions) {
  const { allowPrivate, resolve = hostLookup() } = readBy(OWNER, options, {
    allowPrivate: flag(isAllowedByEnvironment()),
    resolve: optionalFunction<NonNullable<SafeUrlOptions["resolve"]>>(),
  });
  return { allowPrivate, resolve };
}

function isAllowedByEnvironment(): boolean {
  const value = environmentVariable("LOCUS_ALLOW_PRIVATE_URLS");
  return value === "1" || value?.toLowerCase() === "true";
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
