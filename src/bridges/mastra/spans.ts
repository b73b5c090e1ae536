import type { ContentMessage, ContentPart } from "../../events/catalogue/content.ts";
import { type Fields, fieldsOf, listOf, numberIn, textIn } from "../recorder/fields.ts";
import type { ModelUsage, SpanBeginning, SpanEnding, SpanKind } from "../recorder/span_options.ts";

/** What of a span of Mastra the bridge reads. Structural: `@mastra/core` itself is not imported. */
export interface MastraSpan {
  /** Its id. */
  readonly id: string;
  /** The id of the trace that it is part of. */
  readonly traceId: string;
  /** The span around it. */
  readonly parentSpanId?: string;
  /** What it is, such as `agent_run`. */
  readonly type: string;
  /** Its title. */
  readonly name: string;
  /** The name of the agent, tool or workflow. */
  readonly entityName?: string;
  /** Its id; of a workflow's step, that of the step. */
  readonly entityId?: string;
  /** Whether it is Mastra's own work. */
  readonly isInternal?: boolean;
  /** What is known of it, by its type. */
  readonly attributes?: object;
  /** What went in. */
  readonly input?: unknown;
  /** What came out. */
  readonly output?: unknown;
  /** What it failed with. */
  readonly errorInfo?: { readonly message: string; readonly name?: string };
}

/** What exporters are told. */
export interface MastraEvent {
  /** `span_started`, `span_updated` or `span_ended`. */
  readonly type: string;
  /** The span, as it is now. */
  readonly exportedSpan: MastraSpan;
}

/** What a span is for us; undefined for what only stands around other spans, or repeats what they say. */
export function kindOf({ type, isInternal }: MastraSpan): SpanKind | undefined {
  if (isInternal || ALIASES.has(type)) return undefined;
  return KINDS[type] ?? (type.endsWith("tool_call") ? "tool" : "work");
}

const ALIASES = new Set(["model_generation", "model_step", "model_chunk", "mapping"]);
const KINDS: Readonly<Record<string, SpanKind>> = {
  agent_run: "agent",
  model_inference: "model",
  workflow_run: "graph",
  workflow_step: "node",
  rag_vector_operation: "retrieval",
};

/** What a span says at its beginning. */
export function beginningOf(kind: SpanKind, span: MastraSpan): SpanBeginning {
  const about = fieldsOf(span.attributes);
  const { model, provider, streaming, stepIndex, conversationId = null } = about;
  const name = nameOf(span);
  switch (kind) {
    case "agent":
      return { name, attributes: { thread_id: conversationId }, answers: answersOf(span) };
    case "model":
      return {
        name: textIn(about, "model") ?? name,
        attributes: { model, provider, streaming, iteration: stepIndex },
      };
    case "tool":
      return { name, callId: textIn(about, "toolCallId"), args: span.input };
    case "node":
      return { name: span.entityId ?? name, graph: span.entityName };
    default:
      return { name };
  }
}

/** The name of what works, else the title of the span. */
export function nameOf({ entityName, name }: MastraSpan): string {
  return entityName ?? name;
}

/** The ids of the questions that a run of an agent goes on after: by the trace, which stays the same. */
export function answersOf(span: MastraSpan): string[] {
  const isResumed = span.type === "agent_run" && span.parentSpanId !== undefined;
  const id = isResumed ? textIn(span.input, "toolCallId") : undefined;
  return id === undefined ? [] : [questionId(span, id)];
}

/** Calls of tools have ids that another conversation may have as well. */
export function questionId({ traceId }: MastraSpan, toolCallId: string): string {
  return `${traceId}/${toolCallId}`;
}

/** How a span ended. @param finish Of an agent: why its last model call stopped. */
export function endingOf(
  kind: SpanKind | undefined,
  span: MastraSpan,
  finish: string | undefined,
): SpanEnding {
  const { output } = span;
  const error = errorOf(span);
  switch (kind) {
    case "model":
      return modelEnding(span, error);
    case "agent": {
      if (error !== undefined) return { error };
      if (textIn(output, "status") === "aborted") return { cancelled: true };
      const { tripwire } = fieldsOf(output);
      if (tripwire !== undefined) return { reason: "guardrail" };
      const reason = finish === "tool-calls" ? "max_iterations" : "complete";
      return { reason, text: textIn(output, "text") };
    }
    case "tool":
      return { error, output };
    case "node": {
      const isSuspended = textIn(span.attributes, "status") === "suspended";
      return { error, ...isSuspended && { status: "interrupted" } };
    }
    default:
      return { error };
  }
}

function modelEnding({ attributes, output }: MastraSpan, error: Error | undefined): SpanEnding {
  const finish = textIn(attributes, "finishReason");
  // It is not said what it failed with; its agent says so.
  if (finish === "error") return { error: error ?? new Error("the model failed") };
  if (finish === undefined) return error ? { error } : { cancelled: true };
  return {
    error,
    text: textIn(output, "text"),
    toolCalls: listOf(fieldsOf(output).toolCalls).length,
    finish,
    usage: usageIn(fieldsOf(attributes).usage),
    attributes: { response_model: textIn(attributes, "responseModel") ?? null },
  };
}

function errorOf({ errorInfo, attributes }: MastraSpan): Error | undefined {
  if (errorInfo) {
    return Object.assign(new Error(errorInfo.message), { name: errorInfo.name ?? "Error" });
  }
  return fieldsOf(attributes).success === false ? new Error("it failed") : undefined;
}

function usageIn(usage: unknown): ModelUsage {
  const { inputDetails, outputDetails } = fieldsOf(usage);
  return {
    input: numberIn(usage, "inputTokens"),
    output: numberIn(usage, "outputTokens"),
    cached: numberIn(inputDetails, "cacheRead"),
    cacheWrite: numberIn(inputDetails, "cacheWrite"),
    reasoning: numberIn(outputDetails, "reasoning"),
  };
}

/** What a person asked, of what an agent was called with. */
export function questionOf({ input }: MastraSpan): string {
  if (typeof input === "string") return input;
  const messages = listOf(Array.isArray(input) ? input : fieldsOf(input).messages);
  const asked = messages.findLast((message) => textIn(message, "role") === "user") ??
    messages.at(-1);
  return typeof asked === "string" ? asked : partsOf(fieldsOf(asked).content).map(
    (part) => part.type === "text" ? String(part.content) : "",
  ).join("");
}

/** Messages, in the shape that `span.content` has. */
export function messagesOf(messages: unknown): ContentMessage[] {
  return listOf(messages).map((message) => ({
    role: textIn(message, "role") ?? "user",
    parts: partsOf(fieldsOf(message).content),
  }));
}

/** What a model answered, in the same shape. */
export function answerOf(output: unknown): ContentMessage {
  const { text, toolCalls } = fieldsOf(output);
  const calls = listOf(toolCalls).map((call): ContentPart => {
    const { toolCallId, toolName, args } = fieldsOf(call);
    return { type: "tool_call", id: String(toolCallId), name: String(toolName), arguments: args };
  });
  return { role: "assistant", parts: [...partsOf(text), ...calls] };
}

function partsOf(content: unknown): ContentPart[] {
  if (typeof content === "string") return content === "" ? [] : [{ type: "text", content }];
  return listOf(content).map((part): ContentPart => {
    const { type, text }: Fields = fieldsOf(part);
    return typeof text === "string" ? { type: "text", content: text } : { type: String(type) };
  });
}
