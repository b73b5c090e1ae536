/** How an agent hands its task to another: a tool that ends its turn. */

import type { AgentState } from "../agent/state/state.ts";
import { type Tool, tool } from "../agent/tools/tool.ts";
import { HANDOFF_PREFIX } from "./carry.ts";

/** Why a task changes hands. */
export type HandoffReason =
  | "specialization"
  | "escalation"
  | "delegation"
  | "completion"
  | "failure";

export const REASONS: readonly HandoffReason[] = [
  "specialization",
  "escalation",
  "delegation",
  "completion",
  "failure",
];

/** A handoff that was made: who gave to whom, and how many findings there were then. */
export interface Hop {
  readonly source: string;
  readonly target: string;
  readonly findings: number;
}

/** Where an agent is in its chain: it is in the metadata of its run, so that its tools know it. */
export interface ChainPlace {
  readonly hops: readonly Hop[];
  readonly limit: number;
  /** The names of what was found. */
  readonly findings: readonly string[];
}

/** What an agent asked for. */
export interface NextHop {
  readonly target: string;
  readonly reason: HandoffReason;
  readonly summary: string | null;
  readonly findings: Readonly<Record<string, unknown>>;
}

/** The limit that forbids one more handoff; null if none does. `findings`: how many there are with the new ones. */
export function refusedHop(
  { hops, limit }: Pick<ChainPlace, "hops" | "limit">,
  source: string,
  target: string,
  findings: number,
): "max_handoffs" | "handoff_loop" | null {
  if (hops.length >= limit) return "max_handoffs";
  const [there, back] = hops.slice(-2);
  const isLoop = there?.source === source && there.target === target &&
    back?.source === target && back.target === source && findings <= there.findings;
  return isLoop ? "handoff_loop" : null;
}

export const METADATA_KEY = "handoff_chain";

/** Makes the tool by which `source` hands off to `target`. */
export function handoffTool(
  source: string,
  target: { readonly id: string; readonly name: string; readonly description: string },
): Tool {
  const { id, name, description } = target;
  return tool<HandoffArguments>({
    name: handoffToolName(id),
    description: `Hand the conversation over to ${name}${description && `: ${description}`}`,
    parameters: PARAMETERS,
    execute: ({ findings = [] }, { getMetadata, preventTermination }) => {
      const place = getMetadata(METADATA_KEY) as ChainPlace;
      const known = new Set([...place.findings, ...findings.map(({ name }) => name)]);
      const refused = refusedHop(place, source, id, known.size);
      if (refused === null) return accepted(id);
      preventTermination();
      return HINTS[refused];
    },
  }) as Tool;
}

export function handoffToolName(id: string): string {
  return (HANDOFF_PREFIX + id.replace(/[^A-Za-z0-9_-]+/g, "_")).slice(0, 64);
}

/** The handoff that ended a run: the first that was accepted in its last turn; null if none did. */
export function nextHop(state: AgentState, targets: readonly string[]): NextHop | null {
  if (state.messages.at(-1)?.role !== "tool") return null;
  const calls = state.messages.findLast(({ role }) => role === "assistant")?.tool_calls ?? [];
  for (const call of calls) {
    const target = targets.find((id) => handoffToolName(id) === call.name);
    const done = state.tool_executions.findLast(({ tool_call_id }) => tool_call_id === call.id);
    if (target === undefined || done?.result !== accepted(target)) continue;
    const { reason = "specialization", summary, findings = [] } = done
      .arguments as HandoffArguments;
    return {
      target,
      reason,
      summary: summary ?? null,
      findings: Object.fromEntries(findings.map(({ name, finding }) => [name, finding])),
    };
  }
  return null;
}

interface HandoffArguments {
  readonly reason?: HandoffReason;
  readonly summary?: string;
  readonly findings?: readonly { readonly name: string; readonly finding: string }[];
}

const PARAMETERS = {
  type: "object",
  properties: {
    reason: { type: "string", enum: [...REASONS], description: "Why it changes hands." },
    summary: { type: "string", description: "What the other one has to know." },
    findings: {
      type: "array",
      description: "What was found so far.",
      items: {
        type: "object",
        properties: { name: { type: "string" }, finding: { type: "string" } },
        required: ["name", "finding"],
      },
    },
  },
};

/** What the agent that hands off is told; nobody reads it, as its turn is over. */
function accepted(id: string): string {
  return `Handed over to ${id}.`;
}

const HINTS: Readonly<Record<"max_handoffs" | "handoff_loop", string>> = {
  max_handoffs: "max_handoffs: this conversation has changed hands too often. Answer it yourself.",
  handoff_loop:
    "handoff_loop: it was there and came back, and nothing new was found since. Answer it yourself.",
};
