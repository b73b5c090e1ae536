import {
  type AccessConfig,
  type AccessOptions,
  readAccessOptions,
} from "../../adapters/agent_server/access_options.ts";
import {
  type AgentServerErrorContext,
  checkAgent,
  type ServedAgent,
} from "../../adapters/agent_server/options.ts";
import type { AnyBus, AppendingBus } from "../../core/bus/bus.ts";
import { checkBus, WRITING } from "../../core/checks.ts";
import { checkFunction, checkOptions, describe, readBounds } from "../../core/options.ts";
import {
  checkStreamOptions,
  type EventStreamOptions,
  type StreamSettings,
} from "../../sse/stream_options.ts";
import type { AgentCard } from "../protocol/types.ts";
import type { Version } from "../protocol/v03.ts";
import { type A2ACardOptions, readCard } from "./card.ts";

/**
 * Options of {@linkcode a2aServer}. Set one of `apiKeys`, `authenticate` and `allowUnauthenticated`, or the environment
 * variable `LOCUS_A2A_API_KEY`. Without any of them, only requests from this machine are answered:
 * {@linkcode A2AServer.listen}.
 */
export interface A2AServerOptions
  extends AccessOptions, Pick<EventStreamOptions, "heartbeatMs" | "writeTimeoutMs"> {
  /** The agent that is served. */
  agent: ServedAgent;
  /** What the agent says of itself. */
  card: A2ACardOptions;
  /** Where the runs of the tasks appear, under the ids of the tasks. @default {none} */
  bus?: AnyBus;
  /** Which versions of A2A are served. @default {["1.0", "0.3"]} */
  versions?: readonly ("1.0" | "0.3")[];
  /**
   * Where tasks are kept, so that they outlive the process: a durable bus that holds nothing else, for one server at a time. One
   * that begins takes over all tasks that are not over; the server before it can add nothing more to them.
   *
   * @default {none: tasks end with the process}
   */
  tasks?: AppendingBus;
  /** How many tasks may be worked on; more are answered 503. @default {100} */
  maxRuns?: number;
  /** How many tasks are kept that are over or wait for a person. @default {1000} */
  maxTasksRetained?: number;
  /** Size of all updates of a task, in characters of JSON; a larger one fails. @default {8388608} */
  maxTaskBytes?: number;
  /** How many event streams may be open; more are answered 503. @default {1000} */
  maxStreams?: number;
  /** How many event streams of one task may be open; more are answered 503. @default {32} */
  maxStreamsPerTask?: number;
  /** Size of a request's body; a larger one is answered 413. @default {4194304} */
  maxBodyBytes?: number;
  /**
   * Called when a request, a run or a stream failed. Clients are told nothing of it. What this throws is dropped.
   *
   * @default {a handler that prints to the console}
   */
  onError?: (error: unknown, context: AgentServerErrorContext) => void;
}

/** Options, checked and complete. */
export interface A2AServerConfig
  extends
    AccessConfig,
    Pick<A2AServerOptions, "agent" | "bus" | "tasks">,
    Required<Pick<A2AServerOptions, keyof typeof BOUNDS | "versions" | "onError">> {
  readonly card: AgentCard;
  readonly stream: StreamSettings;
}

/**
 * Checks the options and fills in the defaults.
 *
 * @throws {TypeError} If an option is missing, unknown, of the wrong type or at odds with another.
 * @throws {RangeError} If a number is out of its range.
 */
export function readA2AOptions(options: A2AServerOptions): A2AServerConfig {
  checkOptions(OWNER, options, OPTION_NAMES);
  const { agent, bus, tasks, heartbeatMs, writeTimeoutMs, onError = printError } = options;
  const { versions = VERSIONS } = options;
  checkAgent(OWNER, agent);
  const access = readAccessOptions(OWNER, options, "LOCUS_A2A_API_KEY");
  if (bus !== undefined) checkBus(`${OWNER}: "bus" must be`, bus, WRITING);
  if (tasks !== undefined) checkBus(`${OWNER}: "tasks" must be`, tasks, KEEPING);
  if (tasks !== undefined && tasks === bus) {
    throw new TypeError(`${OWNER}: "tasks" must be another bus than "bus"`);
  }
  const isKnown = Array.isArray(versions) && versions.every((one) => VERSIONS.includes(one));
  if (!isKnown || versions.length === 0) {
    const given = describe(versions);
    throw new TypeError(`${OWNER}: "versions" must be a list of "1.0" and "0.3", got ${given}`);
  }
  checkFunction(OWNER, "onError", onError);
  const stream = checkStreamOptions(OWNER, { heartbeatMs, writeTimeoutMs, onError });
  const isClosed = access.apiKeys.length > 0 || access.authenticate !== undefined;
  return {
    ...access,
    agent,
    card: readCard(OWNER, options.card, isClosed, versions),
    bus,
    tasks,
    versions,
    ...readBounds(OWNER, options, BOUNDS),
    onError,
    // A client of another make would not come back.
    stream: { ...stream, maxLifetimeMs: Infinity },
  };
}

const KEEPING = ["append", "claim", "runs", "history", "closeStream", "dropHistory"];

const VERSIONS: readonly Version[] = ["1.0", "0.3"];

const OWNER = "a2aServer()";

const BOUNDS = {
  maxRuns: 100,
  maxTasksRetained: 1000,
  maxTaskBytes: 8 * 2 ** 20,
  maxStreams: 1000,
  maxStreamsPerTask: 32,
  maxBodyBytes: 4 * 2 ** 20,
};

// Complete by construction: a missing or additional name does not compile.
const OPTION_NAMES: readonly string[] = Object.keys(
  {
    ...{ agent: 0, card: 0, bus: 0, tasks: 0, versions: 0, heartbeatMs: 0, writeTimeoutMs: 0 },
    ...{ apiKeys: 0, authenticate: 0, allowUnauthenticated: 0, onError: 0, ...BOUNDS },
  } satisfies Record<keyof A2AServerOptions, number>,
);

function printError(error: unknown, { stage, correlationId }: AgentServerErrorContext): void {
  console.error(`Locus: a ${stage} of the A2A server failed (${correlationId}):`, error);
}
