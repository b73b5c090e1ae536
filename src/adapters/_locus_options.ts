import type { Context } from "hono";
import type { Bus } from "../core/bus.ts";
import { checkFunction, checkOptions, describe } from "../core/options.ts";
import {
  checkDuration,
  checkStreamOptions,
  type EventStreamOptions,
  type StreamSettings,
} from "../sse/stream_options.ts";
import {
  type WorkbenchConfig,
  workbenchConfig,
  type WorkbenchOptions,
} from "../workbench/config.ts";
import { Connections, type LocusLimits } from "./_connections.ts";
import { checkHosts, checkOrigins } from "./_hosts.ts";
import { type IngestOptions, readIngestOptions } from "./_ingest.ts";
import type { GuardRules } from "./_request_guard.ts";
import { createReporter } from "./_responses.ts";
import type { ResumeHandler } from "./_resume.ts";

/** Where an error that is reported came up, and how it can be found. */
export interface LocusErrorContext {
  /** Before the answer was begun (`request`), or while it was being streamed (`stream`). */
  readonly stage: "request" | "stream";
  /** All that the client is told: in the body of a 500, or in a `bus.error` event. */
  readonly correlationId: string;
}

/** Options of {@linkcode locus}. */
export interface LocusOptions
  extends Pick<EventStreamOptions, "heartbeatMs" | "maxLifetimeMs" | "writeTimeoutMs"> {
  /** The bus that is served. @default {the default bus, as it is at each request} */
  bus?: Bus;
  /**
   * Whether a request may have to do with a run: read it, and with `ingest` and `onResume` (see
   * `c.req.method`) publish to it and answer its questions. `runId` is null where it is about all runs.
   * Anything but `true` is answered 404, as if there were nothing; a throw is answered 500, and reported.
   *
   * Without it, whoever knows a run's id may read the run (an id that Locus makes cannot be guessed), and
   * nothing else exists; but see `local`.
   */
  authorize?: (c: Context, runId: string | null) => boolean | Promise<boolean>;
  /**
   * How often `authorize` is asked again about a stream that is open, in milliseconds, at a heartbeat. It is
   * closed at once when the answer is not `true`, or does not come within 5 seconds. `c` is still the request
   * that opened it. `Infinity` for never.
   *
   * @default {every heartbeat}
   */
  revalidateMs?: number;
  /**
   * Opens all routes without `authorize`, for your own machine only: requests have to come by the name
   * `localhost`, `127.0.0.1` or `[::1]` (or `allowedHosts`), from this machine where the server tells, and
   * not from pages of other origins. All others are answered 403.
   *
   * Have your server listen on 127.0.0.1 all the same.
   *
   * @default {false}
   */
  local?: boolean;
  /**
   * The hosts by which this server may be asked, such as `"example.com"` or `"localhost:8080"`; without a
   * port it is any. Requests for others are answered 403.
   *
   * @default {any host; with `local`, only this machine's own}
   */
  allowedHosts?: readonly string[];
  /**
   * Other origins, such as `"https://example.com"`, whose pages may send events and answers, and may ask a
   * `local` server. Reading what is answered takes `hono/cors` as well.
   *
   * @default {[]}
   */
  allowedOrigins?: readonly string[];
  /** Takes events in from other processes at `POST /events`; needs `authorize` or `local`. @default {false} */
  ingest?: boolean | IngestOptions;
  /**
   * Takes the answers to the questions of agents that come to `POST /runs/:run_id/resume`, and has the agent
   * go on; needs `authorize` or `local`. The client is answered when this returns, so do not wait for the end
   * of the run. `false` says that nobody waits for the answer: 409. A throw is answered 500, and reported.
   *
   * @default {there is no such route}
   */
  onResume?: ResumeHandler;
  /**
   * Serves the workbench, a page on which to watch runs, at the root of the mount. Whoever opens it sees what
   * the other routes let it read: without `authorize` and `local` a run by its link, and no list.
   *
   * @default {false}
   */
  workbench?: boolean | WorkbenchOptions;
  /** How many streams may be open at the same time. */
  limits?: LocusLimits;
  /**
   * Told why a request or a stream failed; the client is told no more than the correlation id. What it
   * throws is dropped.
   *
   * @default {a handler that prints to the console}
   */
  onError?: (error: unknown, context: LocusErrorContext) => void;
}

/** The options, checked and complete. */
export interface LocusSettings {
  readonly bus: Bus | undefined;
  readonly authorize: LocusOptions["authorize"];
  readonly revalidateMs: number;
  /** Whether what is about all runs exists. */
  readonly isOpen: boolean;
  readonly guard: GuardRules;
  readonly ingest: Required<IngestOptions> | null;
  readonly onResume: ResumeHandler | undefined;
  readonly workbench: WorkbenchConfig | null;
  readonly connections: Connections;
  readonly stream: StreamSettings;
  /** Tells of a failed request; the client may know what it returns. */
  readonly report: (error: unknown) => string;
}

/** Checks what a user hands in; `owner` is named in the errors. */
export function readLocusOptions(owner: string, options: LocusOptions): LocusSettings {
  checkOptions(owner, options, OPTIONS);
  const { bus, authorize, local = false, ingest = false, onResume, workbench = false } = options;
  const { allowedHosts, allowedOrigins = [], limits = {}, onError = printError } = options;
  if (bus !== undefined && typeof (bus as Partial<Bus> | null)?.subscribe !== "function") {
    throw new TypeError(`${owner}: "bus" must be an event bus, got ${describe(bus)}`);
  }
  checkFunction(owner, "authorize", authorize);
  checkFunction(owner, "onResume", onResume);
  if (typeof local !== "boolean") {
    throw new TypeError(`${owner}: "local" must be true or false, got ${describe(local)}`);
  }
  const isOpen = authorize !== undefined || local;
  for (const [name, isOn] of [["ingest", ingest !== false], ["onResume", onResume]] as const) {
    if (!isOn || isOpen) continue;
    throw new TypeError(`${owner}: "${name}" needs "authorize", or "local" on your own machine`);
  }
  const { heartbeatMs, maxLifetimeMs, writeTimeoutMs } = options;
  return {
    bus,
    authorize,
    revalidateMs: checkDuration(owner, "revalidateMs", options.revalidateMs, 1),
    isOpen,
    guard: {
      local,
      hosts: allowedHosts === undefined ? null : checkHosts(owner, allowedHosts),
      origins: checkOrigins(owner, allowedOrigins),
    },
    ingest: ingest === false ? null : readIngestOptions(owner, ingest),
    onResume,
    workbench: workbench === false
      ? null
      : workbenchConfig(owner, workbench, onResume !== undefined),
    connections: new Connections(owner, limits),
    stream: checkStreamOptions(owner, { heartbeatMs, maxLifetimeMs, writeTimeoutMs, onError }),
    report: createReporter("request", onError),
  };
}

const OPTIONS = [
  "bus",
  "authorize",
  "revalidateMs",
  "local",
  "allowedHosts",
  "allowedOrigins",
  "ingest",
  "onResume",
  "workbench",
  "limits",
  "heartbeatMs",
  "maxLifetimeMs",
  "writeTimeoutMs",
  "onError",
];

function printError(error: unknown, { stage, correlationId }: LocusErrorContext): void {
  console.error(`Locus: a ${stage} failed (${correlationId}):`, error);
}
