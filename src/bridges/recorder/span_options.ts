import type { AgentTerminate } from "../../events/catalogue/agent.ts";
import type { MultiagentGraphNodeCompleted } from "../../events/catalogue/multiagent.ts";

/** What a framework knows a piece of its work by: its own id, or any object. */
export type SpanKey = string | object;

/**
 * What a span is. `node` is one of a graph, `handoff` holds the agent that took a task over, and `work` is everything
 * that is none of the others.
 */
export type SpanKind =
  | "agent"
  | "model"
  | "tool"
  | "node"
  | "graph"
  | "handoff"
  | "retrieval"
  | "work";

/** What is known of a span at its beginning. */
export interface SpanBeginning {
  /** The name of the agent, tool or node; the id of the model; of a handoff, the agent that takes over. */
  name: string;
  /**
   * The key of the span that this one is part of.
   *
   * @default {the span that the calling code runs in; at the top, or without async context, where the recorder is}
   */
  parent?: SpanKey;
  /** Anything else; see `span.started` in the list of events. */
  attributes?: Readonly<Record<string, unknown>>;
  /** Of a tool: the id that the provider gave the call. @default {the id of the span} */
  callId?: string;
  /** Of a tool: what it is called with, as an object or as JSON. Its keys are published; values are content. */
  args?: unknown;
  /** Of a node: the name of its graph. @default {the name of the span around it} */
  graph?: string;
  /** Of a node: the number of the graph's step, from 1. */
  step?: number;
  /** Of a handoff: the agent that gives its task away. @default {the name of the span around it} */
  from?: string;
  /** Of an agent: the ids of questions that were answered. If it waited for one of them, it goes on in its span. */
  answers?: readonly string[];
  /** Called when the span is over, whoever closes it and however it ended, or begins to wait. */
  onClose?: (ending: SpanEnding) => void;
}

/** How a span ended. */
export interface SpanEnding {
  /** What it failed with. An error named `AbortError` means that it was cancelled. */
  error?: unknown;
  /** Whether it was stopped before it was done. */
  cancelled?: boolean;
  /** Of a tool: what it returned. */
  output?: unknown;
  /** Of a node: how it ended, if it neither completed nor failed. */
  status?: MultiagentGraphNodeCompleted["status"];
  /** Of an agent or a handoff, the answer. Of a model, too; it is not needed if the text was streamed. */
  text?: string;
  /** Of a model: how many tools it called. */
  toolCalls?: number;
  /** Of a model: why it stopped, in a word that all providers share, such as `stop` or `tool-calls`. */
  finish?: string | null;
  /** Of a model: the same in the provider's own word. */
  rawFinish?: string | null;
  /** Of a model: the tokens that it took. */
  usage?: ModelUsage;
  /** Of an agent: which condition ended it. @default {"complete", "cancelled" or "error"} */
  reason?: string;
  /** Of an agent: what failed. @default {"model" if its last model call did, else "internal"} */
  errorKind?: AgentTerminate["error_kind"];
  /** Of an agent: it has asked a person, and waits. Its span stays open. */
  waits?: boolean;
  /** Anything else; see `span.completed` in the list of events. */
  attributes?: Readonly<Record<string, unknown>>;
}

/** Tokens of a model call, as far as they are known. */
export interface ModelUsage {
  /** Tokens that went in. */
  input?: number;
  /** Tokens that came out. */
  output?: number;
  /** All of them. @default {the sum} */
  total?: number;
  /** Tokens of the input that the provider had cached. */
  cached?: number;
  /** Tokens of the input that the provider cached now. */
  cacheWrite?: number;
  /** Tokens of the output that the model spent on reasoning. */
  reasoning?: number;
}
