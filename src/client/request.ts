import { checkSignal } from "../core/checks.ts";
import { checkFunction, describe } from "../core/options.ts";
import { parseRetryAfter } from "../core/retry_after.ts";
import { ClientError } from "./client_error.ts";
import { isUrl } from "../runtime/realm.ts";

/**
 * Headers, in each of the forms that `fetch` takes. Not `HeadersInit`, which only the types of browsers and
 * Deno have.
 */
export type RequestHeaders =
  | Headers
  | Readonly<Record<string, string>>
  | Iterable<readonly string[]>;

/** Options of every request. */
export interface ClientOptions {
  /**
   * Sent with every request. A function is called before each, so that a token is fresh when `followRun()`
   * reconnects after hours.
   */
  headers?: RequestHeaders | (() => RequestHeaders | Promise<RequestHeaders>);
  /**
   * Whether cookies are sent, as in `fetch`.
   *
   * @default {the runtime's default: to the page's own origin}
   */
  credentials?: "include" | "omit" | "same-origin";
  /** Ends the request or the iteration when aborted. */
  signal?: AbortSignal;
  /**
   * Makes the requests: signs them, sends a body, uses a proxy, or calls an app without a network. Pass on `init`,
   * or at least its `headers` and `signal`.
   *
   * @default {the runtime's `fetch`}
   */
  fetch?: (url: string, init: RequestInit) => Promise<Response>;
}

/** The names of the options, for a check that no other is given. */
export const CLIENT_OPTIONS = ["headers", "credentials", "signal", "fetch"] as const;

const CREDENTIALS = ["include", "omit", "same-origin"];

/** What one request adds to the options. */
export interface RequestDetails {
  readonly headers: Readonly<Record<string, string>>;
  readonly method?: string;
  readonly body?: string;
}

/** A URL, and how to send requests to it. */
export interface Target {
  readonly url: URL;
  /** The task and the URL for error messages, without the query, which may contain a token. */
  readonly purpose: string;
  /**
   * Sends a request; rejects with a {@linkcode ClientError}. The user's `fetch` may ignore the signal, so after an
   * abort the caller must {@linkcode discard} the answer.
   */
  send(details: RequestDetails, signal: AbortSignal): Promise<Response>;
}

/** Checks the options. Errors name `owner` for options, and `task` for answers. */
export function createTarget(
  owner: string,
  task: string,
  location: string | URL,
  options: ClientOptions,
): Target {
  const { headers, credentials, signal, fetch: send = fetchNow } = options;
  checkFunction(owner, "fetch", send);
  checkSignal(owner, signal);
  if (credentials !== undefined && !CREDENTIALS.includes(credentials)) {
    throw new TypeError(
      `${owner}: "credentials" must be one of ${CREDENTIALS.join(", ")}, got ${
        describe(credentials)
      }`,
    );
  }
  if (typeof headers !== "function") readHeaders(owner, headers);
  const url = readUrl(owner, location);
  const purpose = `${task} ${url.origin}${url.pathname}`;

  async function sendRequest(details: RequestDetails, signal: AbortSignal): Promise<Response> {
    const merged = readHeaders(owner, typeof headers === "function" ? await ask(headers) : headers);
    // The caller may have given up meanwhile.
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

  async function ask(
    make: () => RequestHeaders | Promise<RequestHeaders>,
  ): Promise<RequestHeaders> {
    try {
      return await make();
    } catch (cause) {
      throw new ClientError("unreachable", `${purpose}: the headers could not be made`, { cause });
    }
  }

  return { url, purpose, send: sendRequest };
}

/** Cancels an answer that will not be read. */
export function discard({ body }: Response): void {
  body?.cancel().then(undefined, () => {});
}

/** The error for an answer with an unexpected status. */
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

function readHeaders(owner: string, headers: RequestHeaders | undefined): Headers {
  try {
    return new Headers(headers as HeadersInit);
  } catch {
    // The runtime's own error may show the value, which may be a secret.
    throw new TypeError(`${owner}: "headers" must be names and values that HTTP headers can have`);
  }
}

function readUrl(owner: string, location: string | URL): URL {
  try {
    // It knows what a relative URL is relative to, if this is a page.
    const url = new URL(new Request(location).url);
    // Bun would make a request of any object that has a `url`.
    const isText = typeof location === "string" || isUrl(location);
    if (isText && /^https?:$/.test(url.protocol) && url.username + url.password === "") return url;
  } catch { /* thrown below, without what may be a secret */ }
  throw new TypeError(
    `${owner}: the URL must be one of http or https, without a user name and a password, got ${
      describeUrl(location)
    }`,
  );
}

/** What is wrong with it, without its text, which may hold a secret. */
function describeUrl(location: unknown): string {
  if (typeof location !== "string" && !isUrl(location)) return describe(location);
  if (!URL.canParse(`${location}`)) return "a relative one, and no page that it is relative to";
  const { protocol } = new URL(location);
  return /^https?:$/.test(protocol) ? "one with them" : `one of ${protocol}`;
}
