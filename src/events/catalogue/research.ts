/**
 * What the nodes of the research workflow say.
 *
 * @module
 */

import type { FreePayload } from "./free_payload.ts";
import type { InSpan, SpanPair } from "./places.ts";
import type { EventRows } from "./rows.ts";

/** The search for evidence begins. */
export interface ResearchExecuteStarted extends SpanPair {
  /** The start of the prompt, at most 120 characters. */
  prompt_preview: string;
  /** How many times the plan was changed so far: 0 at first. */
  replan: number;
}

/** The search for evidence is over. */
export interface ResearchExecuteCompleted extends SpanPair {
  /** How many facts were found, the agent's conclusion counted. */
  fact_count: number;
  /** Why it failed; null if it did not. */
  error?: string | null;
}

/** Causes and effects were derived from the evidence. */
export interface ResearchCausalBuilt extends InSpan {
  /** How many events the chain of causes has. */
  node_count: number;
  /** The start of the supposed root cause, at most 120 characters. */
  hypothesis_preview: string;
  /** Confidence in it, 0 to 1. */
  confidence: number;
}

/** The evidence was summarised. */
export interface ResearchSummarizeCompleted extends InSpan {
  /** Length of the summary, in characters. */
  summary_length: number;
  /** Whether there is also an output of the asked-for schema. */
  has_structured_output: boolean;
}

/** The claims of the summary were checked against the evidence. */
export interface ResearchGroundingEvaluated extends InSpan {
  /** Mean support of the claims, 0 to 1. */
  score: number;
  /** How many claims the summary makes. */
  claims_evaluated: number;
  /** How many of them are not supported. */
  ungrounded_count: number;
  /** Whether the score is below the workflow's threshold. */
  requires_replan: boolean;
  /** Each claim, with the sentences of what the tools returned that speak for it. */
  citations?: readonly ResearchClaim[];
}

/** A claim, and where it has its support. */
export interface ResearchClaim {
  /** The start of the claim, at most 120 characters. */
  claim_preview: string;
  /** How well it is supported, 0 to 1. */
  score: number;
  /** The best first; `[]` if nothing speaks for it. */
  sources: readonly ResearchClaimSource[];
}

/** A sentence of what a tool returned. */
export interface ResearchClaimSource {
  /** The fact that it is in. */
  fact_id: string;
  /** The tool, or `agent_conclusion`. */
  source: string;
  /** The span of the tool's call; null for a conclusion. */
  tool_span_id: string | null;
  /** Where it begins, in characters of the fact. */
  start: number;
  /** Where it ends. */
  end: number;
}

/** The summary is about to be written again. */
export interface ResearchRegenerateStarted extends SpanPair {
  /** How many claims have to go or to be supported. */
  ungrounded_count: number;
}

/** The summary was written again. */
export interface ResearchRegenerateCompleted extends SpanPair {
  /** Which attempt this was, from 1. */
  regeneration: number;
  /** Why it failed; null if it did not. */
  error?: string | null;
}

/** The plan was changed, to search for what is not supported. */
export interface ResearchReplan extends InSpan {
  /** Which change this is, from 1. */
  replan: number;
  /** How many claims are not supported. */
  ungrounded_count: number;
  /** The start of the new prompt, at most 120 characters. */
  prompt_preview: string;
}

/**
 * The research is over.
 *
 * Published by the code that closes the run, with keys of its own choice; none is required.
 */
export interface ResearchCompleted extends FreePayload {}

/** The payload of every `research.*` event. */
export type ResearchEvents = {
  "research.execute.started": ResearchExecuteStarted;
  "research.execute.completed": ResearchExecuteCompleted;
  "research.causal.built": ResearchCausalBuilt;
  "research.summarize.completed": ResearchSummarizeCompleted;
  "research.grounding.evaluated": ResearchGroundingEvaluated;
  "research.regenerate.started": ResearchRegenerateStarted;
  "research.regenerate.completed": ResearchRegenerateCompleted;
  "research.replan": ResearchReplan;
  "research.completed": ResearchCompleted;
};

/** The documentation of every `research.*` event. */
export const researchEvents: EventRows<ResearchEvents> = {
  "research.execute.started": {
    summary: "The search for evidence begins.",
    note: "At first, and again after each change of plan.",
    pairs_with: "research.execute.completed",
  },
  "research.execute.completed": {
    summary: "The search for evidence is over.",
    pairs_with: "research.execute.started",
  },
  "research.causal.built": {
    summary: "Causes and effects were derived from the evidence.",
    note: "Only if a chain of causes could be built.",
  },
  "research.summarize.completed": { summary: "The evidence was summarised." },
  "research.grounding.evaluated": {
    summary: "The claims of the summary were checked against the evidence.",
    note: "After each new summary.",
  },
  "research.regenerate.started": {
    summary: "The summary is about to be written again.",
    pairs_with: "research.regenerate.completed",
  },
  "research.regenerate.completed": {
    summary: "The summary was written again.",
    pairs_with: "research.regenerate.started",
  },
  "research.replan": {
    summary: "The plan was changed, to search for what is not supported.",
    note: "Followed by another `research.execute.started`.",
  },
  "research.completed": {
    summary: "The research is over.",
    note: "Published by the code that closes the run, just before closing it.",
  },
};
