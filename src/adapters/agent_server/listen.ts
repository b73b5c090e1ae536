import { checkFunction, checkOptions, describe } from "../../core/options.ts";
import { isLoopback } from "../http/peer_address.ts";

/** What answers requests; `env` is what the server of a runtime adds. */
export type FetchHandler = (request: Request, env?: object) => Response | Promise<Response>;

/** Options of {@linkcode AgentServer.listen}. */
export interface ListenOptions<T> {
  /** Starts a server of this runtime that answers with `fetch`. */
  serve: (options: { hostname: string; port: number; fetch: FetchHandler }) => T;
  /** The name or address to listen on. @default {"127.0.0.1"} */
  hostname?: string;
  /** The port to listen on; 0 for any that is free. @default {8000} */
  port?: number;
}

/** @throws {TypeError} If an option is missing, unknown or of the wrong type. */
export function readListenOptions<T>(
  options: ListenOptions<T>,
): Required<ListenOptions<T>> & { readonly isLocal: boolean } {
  checkOptions(OWNER, options, ["serve", "hostname", "port"]);
  const { serve, hostname = "127.0.0.1", port = 8000 } = options;
  if (serve === undefined) throw new TypeError(`${OWNER}: "serve" must be given`);
  checkFunction(OWNER, "serve", serve);
  if (typeof hostname !== "string" || hostname === "") {
    throw new TypeError(`${OWNER}: "hostname" must be a host name, got ${describe(hostname)}`);
  }
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new TypeError(`${OWNER}: "port" must be from 0 to 65535, got ${describe(port)}`);
  }
  return { serve, hostname, port, isLocal: isLoopbackName(hostname) };
}

const OWNER = "AgentServer.listen()";

/** Whether nothing but this machine can reach what listens on it. */
function isLoopbackName(hostname: string): boolean {
  return hostname.toLowerCase() === "localhost" || isLoopback(hostname.replace(/^\[|\]$/g, ""));
}
