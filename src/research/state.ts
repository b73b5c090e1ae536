/** What a research knows, from step to step. */

import { channel } from "../graph/channels.ts";

/** A piece of evidence. */
export interface ResearchFact {
  /** `fact_000` and so on; numbers are never used twice in a thread. */
  readonly id: string;
  /** What was found, at most 2,000 characters. */
  readonly text: string;
  /** The tool that returned it, or `agent_conclusion`. */
  readonly source: string;
  /** The span of the tool call; null outside of a run, and for the conclusion. */
  readonly tool_span_id: string | null;
}

/** Where in a fact a claim has its support. */
export interface ResearchSource {
  /** The fact. */
  readonly fact_id: string;
  /** The tool that returned it, or `agent_conclusion`. */
  readonly source: string;
  /** The span of the tool call; null outside of a run. */
  readonly tool_span_id: string | null;
  /** The sentence that says it, as characters of what the tool returned. */
  readonly start: number;
  /** Where it ends. */
  readonly end: number;
}

/** A claim of the summary, how well the evidence supports it, and where. */
export interface ResearchCitation {
  /** What the summary says. */
  readonly claim: string;
  /** 0 to 1, as the judge said. */
  readonly score: number;
  /** The best first, three at most. */
  readonly sources: readonly ResearchSource[];
}

/** Why a research ended. */
export type ResearchStopReason =
  | "grounded"
  | "max_replans"
  | "max_regenerations"
  | "max_sources";

/** The fields of the workflow's state. */
export const fields = {
  prompt: channel(""),
  execute_prompt: channel<string | null>(null),
  evidence: channel<readonly string[]>([]),
  grounding_facts: channel<readonly ResearchFact[]>([]),
  /** Every fact that was ever found: what a plan before found stays citable. */
  ledger: channel.append<ResearchFact>(),
  causal_chain: channel<unknown>(null),
  causal_hypothesis: channel(""),
  causal_confidence: channel(0),
  summary: channel.last(""),
  structured_output: channel<unknown>(null),
  grounding_score: channel(0),
  ungrounded_claims: channel<readonly string[]>([]),
  citations: channel<readonly ResearchCitation[]>([]),
  replan_count: channel(0),
  regeneration_count: channel(0),
  stop_reason: channel<ResearchStopReason | null>(null),
};

/** What a research knows. */
export interface ResearchState {
  /** The question. */
  readonly prompt: string;
  /** What the search is told, where it is not the question itself. */
  readonly execute_prompt: string | null;
  /** What was found by the latest plan. */
  readonly evidence: readonly string[];
  /** The same, with where it is from. */
  readonly grounding_facts: readonly ResearchFact[];
  /** What was ever found. */
  readonly ledger: readonly ResearchFact[];
  /** Causes and effects, as `CausalChain.toJSON()` has them; null if there are none. */
  readonly causal_chain: unknown;
  /** The supposed root cause; `""` if there is none. */
  readonly causal_hypothesis: string;
  /** Confidence in it, 0 to 1. */
  readonly causal_confidence: number;
  /** The answer so far. */
  readonly summary: string;
  /** The answer of `outputSchema`; null without one. */
  readonly structured_output: unknown;
  /** Mean support of the claims, 0 to 1. */
  readonly grounding_score: number;
  /** The claims that are not supported. */
  readonly ungrounded_claims: readonly string[];
  /** All claims, with where they have their support. */
  readonly citations: readonly ResearchCitation[];
  /** How often it searched again. */
  readonly replan_count: number;
  /** How often the summary was written again. */
  readonly regeneration_count: number;
  /** Null while it is under way. */
  readonly stop_reason: ResearchStopReason | null;
}
