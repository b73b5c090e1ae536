import { checkRun } from "../../core/checks.ts";
import { checkFunction, checkOptions } from "../../core/options.ts";
import type { Run } from "../../core/run/run_context.ts";
import { CLIENT_OPTIONS, type ClientOptions } from "../../client/request.ts";
import { checkDuration } from "../../sse/stream_options.ts";

/** A stream that broke off, and how long the client would wait before it goes on. */
export interface A2AStreamFailure {
  /** Why it broke off. */
  readonly cause: unknown;
  /** How many attempts failed in a row, this one included. */
  readonly failures: number;
  /** What is proposed, in milliseconds: random, below a bound that doubles each time. */
  readonly waitMs: number;
}

/** Options of {@linkcode a2aClient}. */
export interface A2AClientOptions extends Omit<ClientOptions, "signal"> {
  /** How long an answer may take, in milliseconds; of a stream, its beginning. @default {120000} */
  timeoutMs?: number;
  /**
   * Origins, beside that of the URL, that the card may send the client to: they get its headers.
   *
   * @default {none}
   */
  origins?: readonly string[];
  /**
   * How long to wait before a stream that broke off is asked for again, in milliseconds; null to give up.
   *
   * @default {what is proposed, 10 times in a row}
   */
  retry?: (failure: A2AStreamFailure) => number | null;
  /** The run that the calls are told in, where no context tells: in browsers. @default {the current run} */
  run?: Run;
}

/** The options, checked and complete. */
export interface A2AClientConfig
  extends
    Pick<A2AClientOptions, "run">,
    Required<Pick<A2AClientOptions, "timeoutMs" | "origins" | "retry">> {
  readonly request: ClientOptions;
}

/** @throws {TypeError} If an option is unknown or of the wrong type. */
export function readClientOptions(options: A2AClientOptions): A2AClientConfig {
  const own = CLIENT_OPTIONS.filter((name) => name !== "signal");
  checkOptions(OWNER, options, [...own, "timeoutMs", "origins", "retry", "run"]);
  const { timeoutMs, origins = [], retry = tenTimes, run, ...request } = options;
  checkFunction(OWNER, "retry", retry);
  if (run !== undefined) checkRun(`${OWNER}: "run" must be`, run);
  if (!Array.isArray(origins)) throw new TypeError(`${OWNER}: "origins" must be an array`);
  // A redirect would take the headers to whom nobody named.
  const send = request.fetch ?? ((url: string, init: RequestInit) => fetch(url, init));
  checkFunction(OWNER, "fetch", send);
  return {
    request: { ...request, fetch: (url, init) => send(url, { ...init, redirect: "manual" }) },
    timeoutMs: checkDuration(OWNER, "timeoutMs", timeoutMs, 120_000),
    origins,
    retry,
    run,
  };
}

/** How errors name the client. */
export const OWNER = "a2aClient()";

function tenTimes({ failures, waitMs }: A2AStreamFailure): number | null {
  return failures > 10 ? null : waitMs;
}
