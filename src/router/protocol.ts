/** A way to answer requests: for which it is, what it costs, and how it is built. */

import type { Agent } from "../agent/agent.ts";
import type { Tool } from "../agent/tools/tool.ts";
import { readChoice, readName, readTexts } from "../core/option_values.ts";
import { checkFlag, checkText } from "../core/checks.ts";
import { checkFunction, checkOptions, describe } from "../core/options.ts";
import type { RouterGoal, RouterLevel } from "../events/catalogue/router.ts";
import type { Stage } from "../pipeline/mod.ts";
import type { Capability } from "./capabilities.ts";
import { type GoalFrame, GOALS, LEVELS } from "./frame.ts";

/** What a protocol is built of. */
export interface ProtocolKit {
  /** What the request asks for. */
  readonly frame: GoalFrame;
  /** The capabilities that it needs, without those of a person. */
  readonly capabilities: readonly (Capability & { readonly tool: Tool })[];
  /** Their tools, each once. */
  readonly tools: readonly Tool[];
  /** The router's `delegate`; undefined if it has none. */
  readonly delegate: ((task: string, at: { signal: AbortSignal }) => unknown) | undefined;
  /**
   * An agent with the router's model, and the skills of the request's domain.
   *
   * @param name What it is called in events. @param role What it is told to do. @param tools What it can call.
   */
  agent(name: string, role: string, tools?: readonly Tool[]): Agent;
}

/** A way to answer requests. */
export interface Protocol {
  /** Names it. */
  readonly id: string;
  /** What it does, for the picker and in events. */
  readonly description: string;
  /** The goals that it can serve. */
  readonly handles: readonly RouterGoal[];
  /** Those that it is made for. @default {[]} */
  readonly primaryFor?: readonly RouterGoal[];
  /** Ids of capabilities that the router must have. @default {[]} */
  readonly requiresCapabilities?: readonly string[];
  /** The most risk that it may be used for. @default {"medium"} */
  readonly riskMax?: RouterLevel;
  /** How expensive it is; it fits best where requests are as complex. @default {"medium"} */
  readonly cost?: RouterLevel;
  /** How slow it is. @default {"medium"} */
  readonly latency?: RouterLevel;
  /** Whether a person must agree each time. @default {false} */
  readonly requiresApproval?: boolean;
  /** Makes what answers, from the text of the request: a function, an agent, a graph or a pipeline. */
  readonly build: (kit: ProtocolKit) => Stage<string, unknown>;
}

/** @throws {TypeError} If it is no list of protocols, or two have one id. */
export function readProtocols(owner: string, protocols: unknown): readonly Required<Protocol>[] {
  if (!Array.isArray(protocols)) {
    throw new TypeError(
      `${owner}: "protocols" must be a list of protocols, got ${describe(protocols)}`,
    );
  }
  const read = protocols.map((protocol, i) => readProtocol(`${owner}: protocols[${i}]`, protocol));
  const ids = read.map(({ id }) => id);
  const twice = ids.find((id, i) => ids.indexOf(id) < i);
  if (twice === undefined) return read;
  throw new TypeError(`${owner}: "protocols" has "${twice}" twice`);
}

function readProtocol(owner: string, protocol: Protocol): Required<Protocol> {
  checkOptions(owner, protocol, Object.keys(DEFAULTS));
  const read: Required<Protocol> = { ...DEFAULTS, ...protocol };
  readName(owner, "id", read.id);
  checkText(owner, "description", read.description);
  for (const key of ["handles", "primaryFor"] as const) {
    readTexts(owner, key, read[key]).forEach((goal) => readChoice<string>(owner, key, goal, GOALS));
  }
  readTexts(owner, "requiresCapabilities", read.requiresCapabilities);
  for (const key of ["riskMax", "cost", "latency"] as const) {
    readChoice(owner, key, read[key], LEVELS);
  }
  checkFlag(owner, "requiresApproval", read.requiresApproval);
  checkFunction(owner, "build", read.build ?? null);
  return Object.freeze(read);
}

const DEFAULTS: Required<Protocol> = {
  id: "",
  description: "",
  handles: [],
  primaryFor: [],
  requiresCapabilities: [],
  riskMax: "medium",
  cost: "medium",
  latency: "medium",
  requiresApproval: false,
  build: undefined as never,
};
