import type { AgentRun } from "../../agent/agent_run.ts";
import type { AgentState } from "../../agent/state/state.ts";
import { checkBus, WRITING } from "../../core/checks.ts";
import { checkFunction, checkOptions, describe, readBounds } from "../../core/options.ts";
import type { AnyBus, Bus } from "../../core/bus/bus.ts";
import {
  checkDuration,
  checkStreamOptions,
  type EventStreamOptions,
  type StreamSettings,
} from "../../sse/stream_options.ts";
import { type AccessConfig, type AccessOptions, readAccessOptions } from "./access_options.ts";

/** What a server asks of a run. */
export interface ServedRunOptions {
  /** Cancels the run when aborted. */
  signal: AbortSignal;
  /** The thread that the run belongs to, with its owner in front. */
  threadId?: string;
  /** What the caller adds. */
  metadata?: Readonly<Record<string, unknown>>;
}

/** What can be served: an `Agent`, or anything that runs as one does. */
export interface ServedAgent {
  /** Begins a run. */
  run(prompt: string, options: ServedRunOptions): AgentRun;
  /** Goes on with a run that waits for a person. */
  resume(
    response: unknown,
    options: ServedRunOptions & {
      interruptId: string;
      /** Who answers, as far as the server knows: the name that `authenticate` gave. */
      answeredBy?: string | null;
    },
  ): AgentRun;
  /** What keeps its threads; null if nothing does. */
  readonly checkpointer?: object | null;
  /** What is kept of a thread; null if there is none. */
  thread?(threadId: string): Promise<AgentState | null>;
  /** Forgets a thread; false if there was none. */
  deleteThread?(threadId: string): Promise<boolean>;
}

/** Where an error that is reported came up, and how it can be found. */
export interface AgentServerErrorContext {
  /** In answering a `request`, in the agent's `run`, or while a run was being sent (`stream`). */
  readonly stage: "request" | "run" | "stream";
  /** All that the client gets to know of it. */
  readonly correlationId: string;
}

/**
 * Options of {@linkcode agentServer}. Set one of `apiKeys`, `authenticate` and `allowUnauthenticated`, or the
 * environment variable `LOCUS_SERVER_API_KEY`. Without any of them, only requests from this machine are answered:
 * {@linkcode AgentServer.listen}.
 */
export interface AgentServerOptions
  extends
    AccessOptions,
    Pick<EventStreamOptions, "heartbeatMs" | "maxLifetimeMs" | "writeTimeoutMs"> {
  /** The agent that is served. */
  agent: ServedAgent;
  /** The title in `GET /info`. @default {"Locus Agent Server"} */
  title?: string;
  /** The description in `GET /info`. @default {""} */
  description?: string;
  /**
   * What becomes of a run whose client leaves: it goes on, so that a reload does not end it, or it is
   * cancelled as soon as the response that it was asked for with is gone.
   *
   * @default {"continue"}
   */
  onDisconnect?: "continue" | "abort";
  /** Where the runs appear as `agent.*` events, under the same run ids. @default {none} */
  bus?: AnyBus;
  /** How many runs may be under way; more are answered 503. @default {100} */
  maxRuns?: number;
  /** How many finished and waiting runs are kept for clients that come back. @default {200} */
  maxRunsRetained?: number;
  /**
   * For how long a run is kept after its end, in milliseconds; older ones are dropped with the next request.
   * One that waits for a person is kept for a day.
   *
   * @default {300000}
   */
  retainMs?: number;
  /** How many event streams may be open; more are answered 503. @default {1000} */
  maxStreams?: number;
  /** Size of a request's body; a larger one is answered 413. @default {1048576} */
  maxBodyBytes?: number;
  /**
   * Called when a request, a run or a stream failed. The client gets only the correlation id. What this throws is
   * dropped.
   *
   * @default {a handler that prints to the console}
   */
  onError?: (error: unknown, context: AgentServerErrorContext) => void;
}

/** Options, checked and complete. */
export interface AgentServerConfig extends
  AccessConfig,
  Required<
    Omit<
      AgentServerOptions,
      "bus" | keyof AccessOptions | "heartbeatMs" | "maxLifetimeMs" | "writeTimeoutMs"
    >
  > {
  readonly bus: Bus | undefined;
  readonly stream: StreamSettings;
}

/**
 * Checks the options and fills in the defaults.
 *
 * @throws {TypeError} If an option is missing, unknown, of the wrong type or at odds with another.
 * @throws {RangeError} If a number is out of its range.
 */
export function readServerOptions(options: AgentServerOptions): AgentServerConfig {
  checkOptions(OWNER, options, OPTION_NAMES);
  const { heartbeatMs, maxLifetimeMs, writeTimeoutMs, onError = printError } = options;
  const {
    agent,
    onDisconnect = "continue",
    bus,
    title = "Locus Agent Server",
    description = "",
  } = options;
  checkAgent(OWNER, agent);
  const access = readAccessOptions(OWNER, options, "LOCUS_SERVER_API_KEY");
  checkFunction(OWNER, "onError", onError);
  if (onDisconnect !== "continue" && onDisconnect !== "abort") {
    fail("onDisconnect", '"continue" or "abort"', onDisconnect);
  }
  if (bus !== undefined) checkBus(`${OWNER}: "bus" must be`, bus, WRITING);
  if (typeof title !== "string") fail("title", "a string", title);
  if (typeof description !== "string") fail("description", "a string", description);
  return {
    agent,
    ...access,
    title,
    description,
    onDisconnect,
    bus,
    ...readBounds(OWNER, options, BOUNDS),
    retainMs: checkDuration(OWNER, "retainMs", options.retainMs, 5 * 60_000),

    onError,
    stream: checkStreamOptions(OWNER, { heartbeatMs, maxLifetimeMs, writeTimeoutMs, onError }),
  };
}

const OWNER = "agentServer()";

const BOUNDS = { maxRuns: 100, maxRunsRetained: 200, maxStreams: 1000, maxBodyBytes: 2 ** 20 };

// Complete by construction: a missing or additional name does not compile.
const OPTION_NAMES: readonly string[] = Object.keys(
  {
    agent: 0,
    apiKeys: 0,
    authenticate: 0,
    allowUnauthenticated: 0,
    title: 0,
    description: 0,
    onDisconnect: 0,
    bus: 0,
    maxRuns: 0,
    maxRunsRetained: 0,
    retainMs: 0,
    maxStreams: 0,
    maxBodyBytes: 0,
    heartbeatMs: 0,
    maxLifetimeMs: 0,
    writeTimeoutMs: 0,
    onError: 0,
  } satisfies Record<keyof AgentServerOptions, 0>,
);

/** @throws {TypeError} If it is not an agent. */
export function checkAgent(owner: string, agent: Partial<ServedAgent> | null | undefined): void {
  if (typeof agent?.run === "function" && typeof agent.resume === "function") return;
  throw new TypeError(`${owner}: "agent" must be an agent, got ${describe(agent)}`);
}

function fail(name: string, expected: string, value: unknown): never {
  throw new TypeError(`${OWNER}: "${name}" must be ${expected}, got ${describe(value)}`);
}

function printError(error: unknown, { stage, correlationId }: AgentServerErrorContext): void {
  console.error(`Locus: a ${stage} of the agent server failed (${correlationId}):`, error);
}
