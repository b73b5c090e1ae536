import type { Context } from "hono";
import type { AnyBus, Bus } from "../../core/bus/bus.ts";
import { checkBus, checkEvents } from "../../core/checks.ts";
import { checkFunction, checkOptions, describe } from "../../core/options.ts";
import type { AnyEvents } from "../../events/own_events.ts";
import {
  checkDuration,
  checkStreamOptions,
  type EventStreamOptions,
  type StreamSettings,
} from "../../sse/stream_options.ts";
import {
  type WorkbenchConfig,
  workbenchConfig,
  type WorkbenchOptions,
} from "../../workbench/config.ts";
import { Connections, type LocusLimits } from "../http/connections.ts";
import { checkHosts, checkOrigins } from "../http/hosts.ts";
import { type IngestOptions, type IngestSettings, readIngestOptions } from "./ingest.ts";
import type { GuardRules } from "../http/request_guard.ts";
import { createReporter } from "../http/responses.ts";
import type { ResumeHandler } from "./resume.ts";

/** Where an error that is reported came up, and how it can be found. */
export interface LocusErrorContext {
  /** Before the answer was begun (`request`), or while it was being streamed (`stream`). */
  readonly stage: "request" | "stream";
  /** All that the client gets to know of it: in the body of a 500, or in a `bus.error` event. */
  readonly correlationId: string;
}

/** Options of {@linkcode locus}. */
export interface LocusOptions
  extends Pick<EventStreamOptions, "heartbeatMs" | "maxLifetimeMs" | "writeTimeoutMs"> {
  /** The bus that is served. @default {the default bus, as it is at each request} */
  bus?: AnyBus;
  /** Event types of your own, whose schemas check what `POST /events` takes in. @default {those of the bus} */
  events?: AnyEvents;
  /**
   * Decides whether a request may have to do with a run: read it, and with `ingest` and `onResume` (see
   * `c.req.method`) publish to it and answer its questions.
   *
   * `runId` is null where the request names no run: for the stream and the counters of all runs, and for
   * `POST /events`, before its body is read. Let a client through there that may publish to some run; each run
   * is asked for as well.
   *
   * Anything but `true` is answered 404, as if there were nothing. A throw, and no answer within 5 seconds, is
   * answered 500, and reported.
   *
   * Without it, a client that knows a run's id may read the run (an id that Locus makes cannot be guessed), and
   * nothing else exists; but see `local`.
   */
  authorize?: (c: Context, runId: string | null) => boolean | Promise<boolean>;
  /**
   * How often `authorize` is asked again about an open stream, in milliseconds; `Infinity` for never. The
   * stream is closed at once when the answer is not `true`, or does not come within 5 seconds. `c` is still the
   * request that opened it.
   *
   * @default {`heartbeatMs`, at most 5000}
   */
  revalidateMs?: number;
  /**
   * Opens all routes without `authorize`, for your own machine only. All other requests are answered 403: those
   * that do not come by the name `localhost`, `127.0.0.1` or `[::1]` (or `allowedHosts`), from another machine
   * if the server knows the address, from a page of another origin, or with a header that a proxy adds
   * (`X-Forwarded-For`, `CF-Ray`, `Via` and their like), whatever its value is.
   *
   * Listen on 127.0.0.1 all the same: a proxy that adds no header cannot be noticed. Next.js adds some to every
   * request, so use `authorize` there.
   *
   * @default {false}
   */
  local?: boolean;
  /**
   * The hosts by which this server can be called, such as `"example.com"` or `"localhost:8080"`; without a port
   * it is any. Requests for others are answered 403.
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
  /** Takes in events of other processes at `POST /events`; needs `authorize` or `local`. @default {false} */
  ingest?: boolean | IngestOptions;
  /**
   * Takes the answers to the questions of agents that come to `POST /runs/:run_id/resume`, and has the agent
   * go on; needs `authorize` or `local`. The client is answered when this returns, so do not wait for the end
   * of the run. Return `false` if no run waits for the answer: the client gets 409. If it throws, or takes longer
   * than 5 seconds, the request is answered 500 and the error is reported.
   *
   * @default {there is no such route}
   */
  onResume?: ResumeHandler;
  /**
   * Serves the workbench, a page on which to watch runs, at the root of the mount. It shows what the
   * other routes let its user read: without `authorize` and `local` a run by its link, and no list. Runs survive a restart
   * with `bus: sqliteBus({ path: "runs.db" })`.
   *
   * @default {false}
   */
  workbench?: boolean | WorkbenchOptions;
  /** How many event streams may be open at the same time. */
  limits?: LocusLimits;
  /**
   * Called when a request or a stream failed. The client gets only the correlation id. What this throws is dropped.
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
  readonly ingest: IngestSettings | null;
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
  if (bus !== undefined) checkBus(`${owner}: "bus" must be`, bus);
  checkEvents(owner, options.events);
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
  const stream = checkStreamOptions(owner, { heartbeatMs, maxLifetimeMs, writeTimeoutMs, onError });
  return {
    bus,
    authorize,
    revalidateMs: checkDuration(
      owner,
      "revalidateMs",
      options.revalidateMs,
      Math.min(stream.heartbeatMs, MAX_REVALIDATE_MS),
    ),
    isOpen,
    guard: {
      local,
      hosts: allowedHosts === undefined ? null : checkHosts(owner, allowedHosts),
      origins: checkOrigins(owner, allowedOrigins),
    },
    ingest: ingest === false ? null : readIngestOptions(owner, ingest, options.events),
    onResume,
    workbench: workbench === false
      ? null
      : workbenchConfig(owner, workbench, onResume !== undefined),
    connections: new Connections(owner, limits),
    stream,
    report: createReporter("request", onError),
  };
}

// A revoked permission must not last longer, however rare the heartbeats are.
const MAX_REVALIDATE_MS = 5_000;

const OPTIONS = [
  "bus",
  "events",
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
