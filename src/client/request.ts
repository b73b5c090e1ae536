import { checkSignal } from "../core/checks.ts";
import { checkFunction, describe } from "../core/options.ts";
import { parseRetryAfter } from "../core/retry_after.ts";
import { ClientError } from "./client_error.ts";

/** How a server is asked. */
export interface ClientOptions {
  /**
   * Sent with every request. A function is asked before each, so that a token is fresh when a connection
   * comes back after hours.
   */
  headers?: HeadersInit | (() => HeadersInit | Promise<HeadersInit>);
  /**
   * Whether cookies are sent, as `fetch` has it.
   *
   * @default {the runtime's default: to the page's own origin}
   */
  credentials?: RequestCredentials;
  /** Ends it when aborted. */
  signal?: AbortSignal;
  /**
   * Makes the requests: to sign them, to send a body, to go through a proxy, or to call an app without a
   * network. It is to pass on `init`, or at least its `headers` and its `signal`.
   *
   * @default {the runtime's `fetch`}
   */
  fetch?: (url: string, init: RequestInit) => Promise<Response>;
}

/** The names of the options, for a check that no other is given. */
export const CLIENT_OPTIONS = ["headers", "credentials", "signal", "fetch"] as const;

/** What one request adds to what all have in common. */
export interface RequestDetails {
  readonly headers: Readonly<Record<string, string>>;
  readonly method?: string;
  readonly body?: string;
}

/** Where requests go, and what all of them have in common. */
export interface Target {
  readonly url: URL;
  /** What is being done, and where, for an error message: without the query, which may hold a token. */
  readonly purpose: string;
  /**
   * Sends a request. It fails with a {@linkcode ClientError}. A `fetch` of the user's own may not know the
   * signal: whoever waits no longer has to {@linkcode discard} what comes.
   */
  send(details: RequestDetails, signal: AbortSignal): Promise<Response>;
}

/** Checks what a user hands in; `owner` is named in the errors of the options, `task` in those of answers. */
export function createTarget(
  owner: string,
  task: string,
  location: string | URL,
  options: ClientOptions,
): Target {
  const { headers, credentials, signal, fetch: send = fetchNow } = options;
  checkFunction(owner, "fetch", send);
  checkSignal(owner, signal);
  if (typeof headers !== "function") readHeaders(owner, headers);
  const url = readUrl(owner, location);
  const purpose = `${task} ${url.origin}${url.pathname}`;

  async function sendRequest(details: RequestDetails, signal: AbortSignal): Promise<Response> {
    const merged = readHeaders(owner, typeof headers === "function" ? await ask(headers) : headers);
    // Making them may have taken longer than anybody waits.
    signal.throwIfAborted();
    for (const [name, value] of Object.entries(details.headers)) merged.set(name, value);
    const { method, body } = details;
    // Some runtimes refuse keys that they do not know, even if they are undefined.
    const init: RequestInit = { headers: merged, signal, cache: "no-store" };
    if (method !== undefined) init.method = method;
    if (body !== undefined) init.body = body;
    if (credentials !== undefined) init.credentials = credentials;
    try {
      return await send(url.href, init);
    } catch (cause) {
      throw new ClientError("unreachable", `${purpose}: there was no answer`, { cause });
    }
  }

  async function ask(make: () => HeadersInit | Promise<HeadersInit>): Promise<HeadersInit> {
    try {
      return await make();
    } catch (cause) {
      throw new ClientError("unreachable", `${purpose}: the headers could not be made`, { cause });
    }
  }

  return { url, purpose, send: sendRequest };
}

/** Lets go of an answer that nobody will read. */
export function discard({ body }: Response): void {
  body?.cancel().then(undefined, () => {});
}

/** The error of an answer with another status than was hoped for. */
export function refusal({ purpose }: Target, { status, headers }: Response): ClientError {
  const seconds = parseRetryAfter(headers.get("Retry-After"));
  return new ClientError("refused", `${purpose}: the server answered ${status}`, {
    status,
    retryAfterMs: seconds === null ? null : seconds * 1000,
  });
}

// Looked up when it is called: it may have been replaced since, and browsers insist on its `this`.
function fetchNow(url: string, init: RequestInit): Promise<Response> {
  return fetch(url, init);
}

function readHeaders(owner: string, headers: HeadersInit | undefined): Headers {
  try {
    return new Headers(headers);
  } catch {
    // The runtime's own error may show the value, which may be a secret.
    throw new TypeError(`${owner}: "headers" must be names and values that HTTP headers can have`);
  }
}

function readUrl(owner: string, location: string | URL): URL {
  try {
    // It knows what a relative URL is relative to, if this is a page.
    const url = new URL(new Request(location).url);
    if (/^https?:$/.test(url.protocol) && url.username + url.password === "") return url;
  } catch { /* told below, without what may be a secret */ }
  const given = typeof location === "string" || location instanceof URL;
  throw new TypeError(
    `${owner}: the URL must be one of http or https, without a user name and a password` +
      (given ? "" : `, got ${describe(location)}`),
  );
}
