/** The data of an agent's snapshot. */

import { z } from "zod";
import type { Message, ToolCall } from "../messages.ts";
import type { CausalChainData } from "../reasoning/causal/causal_chain.ts";
import type { Progress } from "../run_handle.ts";
import type { AgentState, PendingInterrupt, ReasoningStep, ToolExecution } from "../state.ts";
import type { ToolOutcome } from "../tool_outcome.ts";
import type { Question } from "../interrupt.ts";
import type { Arguments } from "../tool_plan.ts";

/** What an agent keeps of a thread. */
export interface StoredRun {
  readonly state: AgentState;
  readonly progress: StoredProgress;
  /** The turn in which a tool asks a person; null if none does. */
  readonly paused: StoredBatch | null;
}

/** What a resumed run goes on counting from. */
export interface StoredProgress {
  readonly elapsed_ms: number;
  readonly tool_calls: number;
  readonly first_message: number;
  readonly first_execution: number;
  readonly grounding: Progress["grounding"];
  /** What was stored before there was such a thing has none. */
  readonly causes: CausalChainData | null;
  readonly reflexion_evaluations: number;
  readonly unverified_write: boolean;
}

/** A turn that waits for a person. */
export interface StoredBatch {
  /** Whether somebody has begun to resume it: then nobody else may. */
  readonly answered: boolean;
  /** What the model answered. */
  readonly response: {
    readonly content: string | null;
    readonly reasoning: string | null;
    readonly tool_calls: readonly ToolCall[];
  };
  /** The arguments of the calls that were begun, in the order of the calls. */
  readonly arguments: readonly Arguments[];
  /** How each call ended; null for the one that asks. */
  readonly outcomes: readonly (ToolOutcome | null)[];
  /** Which call asks. */
  readonly index: number;
  /** What the arguments of that call are made from. */
  readonly input: Arguments;
  /** Whether it is not the tool that asks, but somebody has to agree before it is called. */
  readonly approval: boolean;
  readonly question: Question;
  /** What it was answered before. */
  readonly answers: readonly unknown[];
}

const text = z.string();
const textOrNull = text.nullable();
const count = z.int().min(0);
const amount = z.number().min(0);
const share = z.number().min(0).max(1);
const record = z.record(text, z.unknown());

const toolCall: z.ZodType<ToolCall> = z.object({ id: text, name: text, arguments: record });

const message: z.ZodType<Message> = z.object({
  role: z.enum(["system", "user", "assistant", "tool"]),
  content: textOrNull,
  tool_calls: z.array(toolCall),
  tool_call_id: textOrNull,
  name: textOrNull,
  metadata: z.looseObject({ parts: z.array(z.looseObject({ type: text })).optional() }),
});

const execution: z.ZodType<ToolExecution> = z.object({
  tool_name: text,
  tool_call_id: text,
  arguments: record,
  result: textOrNull,
  error: textOrNull,
  duration_ms: amount,
  timestamp: text,
  idempotent_cache_hit: z.boolean(),
  cancelled: z.boolean(),
});

const step: z.ZodType<ReasoningStep> = z.object({
  iteration: count,
  thought: textOrNull,
  tool_calls: z.array(toolCall),
  tool_results: z.array(text),
  reflection: textOrNull,
  confidence_delta: z.number(),
  timestamp: text,
});

const question = z.object({
  interrupt_id: text,
  question: text,
  options: z.array(text).nullable(),
  metadata: record,
});

const pendingInterrupt: z.ZodType<PendingInterrupt> = question.extend({
  tool_call_id: text,
  tool_name: text,
  arguments: record,
  iteration: count,
});

const state: z.ZodType<AgentState> = z.object({
  run_id: text,
  agent_id: textOrNull,
  messages: z.array(message),
  iteration: count,
  max_iterations: count,
  tool_executions: z.array(execution),
  reasoning_steps: z.array(step),
  confidence: share,
  confidence_threshold: share,
  confidence_history: z.array(share),
  tool_loop_threshold: count,
  terminal_tools: z.array(text),
  total_tokens_used: amount,
  prompt_tokens_used: amount,
  completion_tokens_used: amount,
  cache_creation_tokens_used: amount,
  cache_read_tokens_used: amount,
  reasoning_tokens_used: amount,
  token_budget: amount.nullable(),
  completion_mode: z.enum(["auto", "explicit"]),
  errors: z.array(text),
  metadata: record,
  pending_interrupt: pendingInterrupt.nullable(),
  started_at: text,
  updated_at: text,
});

const outcome: z.ZodType<ToolOutcome> = z.object({
  result: textOrNull,
  error: textOrNull,
  duration_ms: amount,
  cached: z.boolean(),
  cancelled: z.boolean(),
  terminal: z.boolean(),
});

const batch: z.ZodType<StoredBatch> = z.object({
  answered: z.boolean(),
  response: z.object({
    content: textOrNull,
    reasoning: textOrNull,
    tool_calls: z.array(toolCall),
  }),
  arguments: z.array(record),
  outcomes: z.array(outcome.nullable()),
  index: count,
  input: record,
  approval: z.boolean(),
  question,
  answers: z.array(z.unknown()),
}).refine(({ index, response, arguments: args, outcomes }) =>
  // Otherwise there would be no call to go on with, or one without an outcome.
  index < args.length && args.length <= response.tool_calls.length &&
  response.tool_calls.every((_, i) => i === index || outcomes[i]), {
  message: "the calls and their outcomes do not fit together",
});

const causes: z.ZodType<CausalChainData> = z.object({
  nodes: z.array(z.object({
    id: text.min(1),
    label: text.min(1),
    node_type: z.enum(["root_cause", "intermediate", "symptom", "unknown"]),
    evidence: z.array(text),
    confidence: share,
    metadata: record,
  })),
  edges: z.array(z.object({
    source_id: text,
    target_id: text,
    relationship: z.enum(["causes", "correlates_with", "precedes", "inhibits"]),
    confidence: share,
    evidence: z.array(text),
    reasoning: text.min(1).nullable(),
  })),
}).refine(({ nodes, edges }) => {
  const ids = new Set(nodes.map(({ id }) => id));
  return ids.size === nodes.length &&
    edges.every(({ source_id, target_id }) => ids.has(source_id) && ids.has(target_id));
}, { message: "the nodes and edges do not fit together" });

/** Checks the data of a snapshot. */
export const storedRun: z.ZodType<StoredRun> = z.object({
  state,
  progress: z.object({
    elapsed_ms: amount,
    tool_calls: count,
    first_message: count,
    first_execution: count,
    grounding: z.object({
      score: share,
      ungrounded_claims: z.array(text),
      evaluations: count,
    }).nullable(),
    causes: causes.nullable().default(null),
    reflexion_evaluations: count,
    unverified_write: z.boolean(),
  }),
  paused: batch.nullable(),
});
