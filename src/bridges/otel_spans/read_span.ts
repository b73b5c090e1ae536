/** What the spans of agents, models and tools say, by OpenTelemetry's conventions and by those that came before. */

import type { ContentMessage } from "../../events/catalogue/content.ts";
import { toContentAnswer, toContentMessages } from "../ai_sdk/messages.ts";
import { dataOf, type Fields, fieldsOf, listOf, textIn } from "../recorder/fields.ts";
import type { SpanBeginning, SpanEnding, SpanKind } from "../recorder/span_options.ts";

/** What of a span of an OpenTelemetry SDK is read. Structural: nothing of it is imported. */
export interface OtelSpan {
  /** What it is called. */
  readonly name: string;
  /** Its ids. */
  spanContext(): { readonly spanId: string };
  /** The span around it. */
  readonly parentSpanContext?: { readonly spanId: string; readonly isRemote?: boolean };
  /** The same, in version 1 of the SDKs. */
  readonly parentSpanId?: string;
  /** Who made it. */
  readonly instrumentationScope?: { readonly name: string };
  /** What is known of it. */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** How it ended; 2 is an error. */
  readonly status: { readonly code: number; readonly message?: string };
  /** What happened in it, exceptions too. */
  readonly events: readonly {
    readonly name: string;
    readonly attributes?: Readonly<Record<string, unknown>>;
  }[];
}

/** What a span is, as far as its beginning says so. */
export function kindOf({ name, attributes }: OtelSpan): SpanKind | undefined {
  const operation = textIn(attributes, "gen_ai.operation.name") ??
    NAMED.exec(name)?.slice(1).find(Boolean);
  if (operation !== undefined) return OPERATIONS[operation] ?? "work";
  const ai = textIn(attributes, "ai.operationId");
  if (ai !== undefined) {
    if (/\.do(Generate|Stream|Embed)/.test(ai)) return "model";
    if (ai === "ai.toolCall") return "tool";
    return /^ai\.(generate|stream)/.test(ai) ? "agent" : "work";
  }
  const other = textIn(attributes, "openinference.span.kind") ??
    textIn(attributes, "traceloop.span.kind");
  if (other !== undefined) return OTHERS[other.toLowerCase()] ?? "work";
  return "llm.request.type" in attributes ? "model" : undefined;
}

/** How it began. */
export function beginningOf(kind: SpanKind, { name, attributes }: OtelSpan): SpanBeginning {
  const read = reader(attributes);
  const model = read("gen_ai.request.model", "ai.model.id", "llm.model_name");
  const agent = read("gen_ai.agent.name", "ai.telemetry.functionId", "traceloop.entity.name");
  const tool = read("gen_ai.tool.name", "ai.toolCall.name", "tool.name", "traceloop.entity.name");
  const known = { agent: agent ?? model, model, tool }[kind as "agent"];
  return {
    name: String(known ?? (name.replace(NAMED, "") || "model")),
    callId: text(read("gen_ai.tool.call.id", "ai.toolCall.id", "tool_call.id")),
    args: read("gen_ai.tool.call.arguments", "ai.toolCall.args", "input.value"),
    attributes: kind === "agent" || kind === "model"
      ? {
        model: model ?? null,
        provider: read("gen_ai.provider.name", "gen_ai.system", "ai.model.provider") ?? null,
        thread_id: read("gen_ai.conversation.id", "session.id"),
        temperature: read("gen_ai.request.temperature"),
        max_output_tokens: read("gen_ai.request.max_tokens"),
      }
      : {},
  };
}

/** How it ended. */
export function endingOf(
  kind: SpanKind | undefined,
  { attributes, status, events }: OtelSpan,
): SpanEnding {
  const read = reader(attributes);
  const said = answerOf(attributes);
  const calls = said.flatMap(({ parts }) => parts).filter(({ type }) => type === "tool_call");
  const reasons = read("gen_ai.response.finish_reasons", "ai.response.finishReason");
  const rawFinish = text([reasons].flat()[0]) ?? null;
  const isCut = kind === "agent" && CUT_OFF.includes(rawFinish ?? "");
  const cutOff = isCut ? new Error(`the model stopped: ${rawFinish}`) : undefined;
  const number = (...keys: string[]) => {
    const value = read(...keys);
    return typeof value === "number" ? value : undefined;
  };
  return {
    error: errorOf(status, events, attributes) ?? cutOff,
    output: dataOf(
      read("gen_ai.tool.call.result", "ai.toolCall.result", "output.value", ADK_RESULT),
    ),
    text: said.flatMap(({ parts }) => parts).map((part) => textIn(part, "content") ?? "").join(""),
    toolCalls: calls.length,
    ...isCut && { reason: `model_${rawFinish}`, errorKind: "model" },
    finish: rawFinish !== null && /tool|function/.test(rawFinish) ? "tool-calls" : rawFinish,
    rawFinish,
    usage: {
      input: number(
        "gen_ai.usage.input_tokens",
        "gen_ai.usage.prompt_tokens",
        "llm.token_count.prompt",
      ),
      output: number(
        "gen_ai.usage.output_tokens",
        "gen_ai.usage.completion_tokens",
        "llm.token_count.completion",
      ),
      cached: number(
        "gen_ai.usage.cache_read.input_tokens",
        "ai.usage.cachedInputTokens",
        "llm.token_count.prompt_details.cache_read",
      ),
      cacheWrite: number("gen_ai.usage.cache_creation.input_tokens"),
      reasoning: number("gen_ai.usage.reasoning.output_tokens", "ai.usage.reasoningTokens"),
    },
    attributes: {
      response_id: read("gen_ai.response.id", "ai.response.id"),
      response_model: read("gen_ai.response.model", "ai.response.model", "gen_ai.request.model"),
    },
  };
}

/** What a model was asked, where the instrumentation records it. */
export function questionsOf({ attributes }: OtelSpan): readonly ContentMessage[] {
  const read = reader(attributes);
  const system = listOf(dataOf(read("gen_ai.system_instructions"))) as ContentMessage["parts"];
  const messages = listOf(dataOf(read("gen_ai.input.messages"))).filter(isMessage);
  if (messages.length > 0 || system.length > 0) {
    return [...system.length > 0 ? [{ role: "system", parts: system }] : [], ...messages];
  }
  return toContentMessages(undefined, listOf(dataOf(read("ai.prompt.messages"))));
}

/** What it answered, likewise. */
export function answerOf(attributes: Fields): readonly ContentMessage[] {
  const messages = listOf(dataOf(attributes["gen_ai.output.messages"])).filter(isMessage);
  if (messages.length > 0) return messages;
  const parts = listOf(fieldsOf(fieldsOf(dataOf(attributes[ADK_ANSWER])).content).parts);
  if (parts.length > 0) return [{ role: "assistant", parts: parts.map(toPart) }];
  const said = textIn(attributes, "ai.response.text") ?? textIn(attributes, "ai.response.object");
  const calls = listOf(dataOf(attributes["ai.response.toolCalls"])).map((call) => ({
    type: "tool-call",
    ...fieldsOf(call),
    input: dataOf(fieldsOf(call).input),
  }));
  if (said === undefined && calls.length === 0) return [];
  return [toContentAnswer([...said === undefined ? [] : [{ type: "text", text: said }], ...calls])];
}

/** What was asked, in a line. */
export function questionOf(span: OtelSpan): string {
  const last = questionsOf(span).findLast(({ role }) => role === "user");
  const { prompt, messages } = fieldsOf(dataOf(span.attributes["ai.prompt"]));
  if (last !== undefined) return (last.parts.map((part) => textIn(part, "content") ?? "")).join("");
  return typeof prompt === "string" ? prompt : textIn(listOf(messages).at(-1), "content") ?? "";
}

function errorOf(
  { code, message }: OtelSpan["status"],
  events: OtelSpan["events"],
  attributes: Fields,
): Error | undefined {
  if (code !== ERROR) return undefined;
  const exception = events.findLast(({ name }) => name === "exception")?.attributes;
  const name = textIn(exception, "exception.type") ?? textIn(attributes, "error.type") ?? "Error";
  const said = textIn(exception, "exception.message") ?? message ?? "failed";
  return Object.assign(new Error(said), { name });
}

/** The first of several names that an attribute has. */
function reader(attributes: Fields): (...keys: string[]) => unknown {
  return (...keys) => attributes[keys.find((key) => attributes[key] !== undefined) ?? ""];
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function isMessage(value: unknown): value is ContentMessage {
  return Array.isArray(fieldsOf(value).parts);
}

/** A part of what Google's models answer. */
function toPart(part: unknown): ContentMessage["parts"][number] {
  const { functionCall, text } = fieldsOf(part);
  if (functionCall === undefined) return { type: "text", content: String(text ?? "") };
  const { id, name, args } = fieldsOf(functionCall);
  return { type: "tool_call", id: String(id), name: String(name), arguments: args };
}

/** Names by the conventions, of spans that have their attributes only later, as those of Google's ADK. */
const NAMED = /^(?:(invoke_agent|execute_tool) (?=[^(])|(call_llm)$)/;
const ADK_ANSWER = "gcp.vertex.agent.llm_response";
const ADK_RESULT = "gcp.vertex.agent.tool_response";

const ERROR = 2;
const CUT_OFF = ["length", "content-filter", "content_filter", "error"];

const OPERATIONS: Readonly<Record<string, SpanKind>> = {
  chat: "model",
  text_completion: "model",
  generate_content: "model",
  call_llm: "model",
  invoke_agent: "agent",
  invoke_workflow: "agent",
  execute_tool: "tool",
  retrieval: "retrieval",
};

/** The kinds of OpenInference and OpenLLMetry. */
const OTHERS: Readonly<Record<string, SpanKind>> = {
  llm: "model",
  agent: "agent",
  workflow: "agent",
  tool: "tool",
  retriever: "retrieval",
};
