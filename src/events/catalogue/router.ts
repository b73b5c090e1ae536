/**
 * What the router says on the way from a request to the protocol that answers it.
 *
 * @module
 */

import type { InSpan, RouteCandidate, SpanPair } from "./places.ts";
import type { EventRows } from "./rows.ts";

/** What a request asks for. */
export type RouterGoal =
  | "answer"
  | "explain"
  | "plan"
  | "build"
  | "modify"
  | "diagnose"
  | "remediate"
  | "generate_code"
  | "research"
  | "compare"
  | "monitor"
  | "coordinate"
  | "escalate";

/** How complex, risky, expensive or slow something is; compare by rank, not by alphabet. */
export type RouterLevel = "low" | "medium" | "high";

/** The router understood a request. */
export interface RouterFrameExtracted extends InSpan {
  /** What it mainly asks for. */
  primary_goal: RouterGoal;
  /** What else it asks for; `[]` if nothing. */
  secondary_goals: readonly RouterGoal[];
  /** The subject, in the model's own word. */
  domain: string;
  /** How hard it is to answer. */
  complexity: RouterLevel;
  /** How much harm a wrong answer can do. */
  risk: RouterLevel;
  /** Whether the answer needs tools. */
  requires_tools: boolean;
  /** Whether the answer needs what was said or stored before. */
  requires_memory: boolean;
  /** Whether the answer contains code to be written. */
  requires_code_generation: boolean;
  /** Whether the answer needs more than one agent. */
  requires_multi_agent: boolean;
  /** By what the answer will be judged; `[]` if the request does not say. */
  success_criteria: readonly string[];
  /** Whether the request says that a person must agree first. */
  approval_required?: boolean;
  /** Ids of the capabilities that the answer needs. */
  required_capabilities?: readonly string[];
  /** Those of them that the router does not have. */
  unknown_capabilities?: readonly string[];
  /** How sure the extractor is, 0 to 1; null if it does not say. */
  confidence?: number | null;
}

/** The router could not understand a request. */
export interface RouterFrameFailed extends InSpan {
  /** What went wrong. */
  error: string;
}

/** The router chose the protocol that will answer. */
export interface RouterProtocolSelected extends InSpan {
  /** Such as `direct_response`. */
  protocol_id: string;
  /** How expensive the protocol is. */
  cost: RouterLevel;
  /** How slow the protocol is. */
  latency: RouterLevel;
  /** Why this one: the model's rationale, or the rule's figures. */
  reason: string;
  /** All protocols, taken or not; those that cannot answer by what stands against them: `goal`, `risk`, `capability`. */
  candidates?: readonly RouteCandidate[];
  /** How it was chosen. */
  method?: "rule_based" | "single_candidate" | "llm_picked" | "rule_based_fallback";
  /** The picker's words; null if it was not followed. */
  rationale?: string | null;
  /** Why the picker was not followed; null if it was, or there is none. */
  fallback_error?: string | null;
  /** What the request mainly asks for. */
  primary_goal?: RouterGoal;
  /** Whether the protocol is made for that. */
  is_canonical?: boolean;
  /** The most risk that the protocol may be used for. */
  risk_max?: RouterLevel;
  /** What the protocol does. */
  protocol_description?: string;
}

/** No protocol can answer the request. */
export interface RouterProtocolNoMatch extends InSpan {
  /** The request in one line: goal, domain, complexity, risk and capabilities. */
  frame_summary: string;
  /** What the request mainly asks for. */
  primary_goal?: RouterGoal;
  /** How much harm a wrong answer can do. */
  risk?: RouterLevel;
  /** The same as an error: `<ErrorName>: <message>`. */
  error?: string;
  /** All protocols, by what stands against them. */
  candidates?: readonly RouteCandidate[];
}

/** The policy decided whether the chosen protocol may run. */
export interface RouterPolicyVerdict extends InSpan {
  /** Whether it may run at all. */
  allow: boolean;
  /** Whether a person must agree before it runs. */
  require_approval: boolean;
  /** Which values led to the verdict; `ok` if nothing stood against it. */
  reason: string;
  /** The chosen protocol. */
  protocol_id?: string;
  /** How much harm a wrong answer can do. */
  frame_risk?: RouterLevel;
}

/** The chosen protocol was built into something that can run. */
export interface RouterRunnableCompiled extends InSpan {
  /** Which protocol. */
  protocol_id: string;
  /** What it is built as: `AgentRunnable`, `GraphRunnable` (pipelines, too) or `FunctionRunnable`. */
  runnable_type?: string;
  /** How many capabilities it was built with. */
  capability_count?: number;
}

/** The chosen protocol is about to run. */
export interface RouterRunnableExecuting extends SpanPair {
  /** Which protocol. */
  protocol_id: string;
  /** True if it waited for a person and goes on. */
  resumed?: boolean;
}

/** The chosen protocol answered. */
export interface RouterRunnableExecuted extends SpanPair {
  /** Which protocol. */
  protocol_id: string;
  /** Length of the answer, in characters. */
  output_length: number;
  /** How long it ran, in milliseconds, since it last began or went on. */
  duration_ms?: number;
}

/** The chosen protocol could not be built, was not approved, or failed. */
export interface RouterRunnableFailed extends SpanPair {
  /** Null if it failed before a protocol was known. */
  protocol_id: string | null;
  /** `<ErrorName>: <message>`. */
  error: string;
}

/** The payload of every `router.*` event. */
export type RouterEvents = {
  "router.frame.extracted": RouterFrameExtracted;
  "router.frame.failed": RouterFrameFailed;
  "router.protocol.selected": RouterProtocolSelected;
  "router.protocol.no_match": RouterProtocolNoMatch;
  "router.policy.verdict": RouterPolicyVerdict;
  "router.runnable.compiled": RouterRunnableCompiled;
  "router.runnable.executing": RouterRunnableExecuting;
  "router.runnable.executed": RouterRunnableExecuted;
  "router.runnable.failed": RouterRunnableFailed;
};

/** The documentation of every `router.*` event. */
export const routerEvents: EventRows<RouterEvents> = {
  "router.frame.extracted": { summary: "The router understood a request." },
  "router.frame.failed": {
    summary: "The router could not understand a request.",
    note: "The dispatch ends here.",
  },
  "router.protocol.selected": { summary: "The router chose the protocol that will answer." },
  "router.protocol.no_match": {
    summary: "No protocol can answer the request.",
    note: "The dispatch ends here.",
  },
  "router.policy.verdict": {
    summary: "The policy decided whether the chosen protocol may run.",
    note: "The dispatch ends here if it may not.",
  },
  "router.runnable.compiled": {
    summary: "The chosen protocol was built into something that can run.",
  },
  "router.runnable.executing": {
    summary: "The chosen protocol is about to run.",
    note: "Followed by `router.runnable.executed` or `router.runnable.failed`.",
    pairs_with: "router.runnable.executed",
  },
  "router.runnable.executed": {
    summary: "The chosen protocol answered.",
    pairs_with: "router.runnable.executing",
  },
  "router.runnable.failed": {
    summary: "The chosen protocol could not be built, was not approved, or failed.",
    note: "Closes `router.runnable.executing`, or stands alone if nothing was executed.",
    pairs_with: "router.runnable.executing",
  },
};
