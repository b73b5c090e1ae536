import { checkFunction, checkOptions, describe } from "../../core/options.ts";
import { isLoopback } from "../http/peer_address.ts";
import type { Access } from "./access.ts";

/** What answers requests; `env` is what the server of a runtime adds. */
export type FetchHandler = (request: Request, env?: object) => Response | Promise<Response>;

/** Options of `listen()` of a server. */
export interface ListenOptions<T> {
  /** Starts a server of this runtime that answers with `fetch`. */
  serve: (options: { hostname: string; port: number; fetch: FetchHandler }) => T;
  /** The name or address to listen on. @default {"127.0.0.1"} */
  hostname?: string;
  /** The port to listen on; 0 for any that is free. @default {8000} */
  port?: number;
}

/**
 * Starts a server of a runtime. What was given no keys answers this machine only.
 *
 * @param what What would answer everybody, in words.
 * @throws {TypeError} If an option is missing, unknown or of the wrong type.
 * @throws {Error} If nothing says who may connect, and others than this machine could.
 */
export function listen<T>(
  owner: string,
  what: string,
  access: Access,
  answer: FetchHandler,
  options: ListenOptions<T>,
): T {
  const { hostname, port, serve, isLocal } = readListenOptions(owner, options);
  if (access.isLocalOnly && !isLocal) {
    throw new Error(
      `Cannot listen on ${hostname}: ${what} would answer everybody. Give it "apiKeys" or ` +
        '"authenticate", listen on 127.0.0.1, or say "allowUnauthenticated"',
    );
  }
  const fetch: FetchHandler = (request, env) => {
    if (isLocal) access.addLocal(request);
    return answer(request, env);
  };
  return serve({ hostname, port, fetch });
}

function readListenOptions<T>(
  owner: string,
  options: ListenOptions<T>,
): Required<ListenOptions<T>> & { readonly isLocal: boolean } {
  checkOptions(owner, options, ["serve", "hostname", "port"]);
  const { serve, hostname = "127.0.0.1", port = 8000 } = options;
  if (serve === undefined) throw new TypeError(`${owner}: "serve" must be given`);
  checkFunction(owner, "serve", serve);
  if (typeof hostname !== "string" || hostname === "") {
    throw new TypeError(`${owner}: "hostname" must be a host name, got ${describe(hostname)}`);
  }
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new TypeError(`${owner}: "port" must be from 0 to 65535, got ${describe(port)}`);
  }
  return { serve, hostname, port, isLocal: isLoopbackName(hostname) };
}

/** Whether nothing but this machine can reach what listens on it. */
function isLoopbackName(hostname: string): boolean {
  return hostname.toLowerCase() === "localhost" || isLoopback(hostname.replace(/^\[|\]$/g, ""));
}
