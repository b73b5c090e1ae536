import { z } from "zod";
import { inSpan, toolSpan } from "./_places.ts";
import type { AgentEvents } from "../catalogue/agent.ts";
import { count, duration, flag, ordinal, ratio, type SchemaRecord } from "./_fields.ts";
import { text, textOrNull, texts } from "./_fields.ts";

/** The schema of every `agent.*` payload. */
export const agentSchemas: SchemaRecord<AgentEvents> = {
  "agent.think": z.looseObject({
    iteration: count,
    reasoning_preview: text,
    has_tool_calls: flag,
    tool_call_count: count,
    ...inSpan,
  }),
  "agent.tool.started": z.looseObject({
    tool_name: text,
    span_id: text,
    arg_keys: texts,
    ...toolSpan,
  }),
  "agent.tool.completed": z.looseObject({
    tool_name: text,
    span_id: text,
    success: flag,
    duration_ms: duration,
    output_preview: text,
    error: textOrNull,
    ...toolSpan,
  }),
  "agent.reflect": z.looseObject({
    iteration: count,
    assessment: z.enum(["on_track", "stuck", "new_findings", "loop_detected"]),
    confidence_delta: z.number().min(-1).max(1),
    new_confidence: ratio,
    guidance_preview: text,
    ...inSpan,
  }),
  "agent.grounding": z.looseObject({
    score: ratio,
    claims_evaluated: count,
    ungrounded_count: count,
    requires_replan: flag,
    ...inSpan,
  }),
  "agent.model.chunk": z.looseObject({
    content_preview: text,
    done: flag,
    discarded: flag.optional(),
    has_tool_calls: flag,
    channel: z.enum(["reasoning", "tool_input"]).optional(),
    text: text.optional(),
    ...inSpan,
  }),
  "agent.model.completed": z.looseObject({
    discarded: flag.optional(),
    content_preview: text,
    tool_call_count: count,
    stop_reason: textOrNull,
    ...inSpan,
  }),
  "agent.tokens.used": z.looseObject({
    prompt_tokens: count,
    completion_tokens: count,
    total_tokens: count,
    cached_input_tokens: count.optional(),
    cache_write_tokens: count.optional(),
    reasoning_tokens: count.optional(),
    model: text.optional(),
    ...inSpan,
  }),
  "agent.interrupt": z.looseObject({
    interrupt_id: text,
    question_preview: text,
    options: texts.nullable(),
    graph_id: text.optional(),
    node_id: text.optional(),
    ...inSpan,
  }),
  "agent.terminate": z.looseObject({
    reason: text,
    iterations_used: count,
    final_confidence: ratio,
    total_tool_calls: count,
    final_message_preview: text,
    success: flag.optional(),
    error: textOrNull.optional(),
    error_kind: z.enum(["model", "tool", "hook", "limit", "cancelled", "internal"]).nullable()
      .optional(),
    duration_ms: duration.optional(),
    ...inSpan,
  }),
  "agent.model.retry": z.looseObject({
    attempt: ordinal,
    max_retries: count,
    delay_seconds: duration,
    reason: z.enum(["empty_response", "rate_limit", "timeout", "server_error"]),
    ...inSpan,
  }),
  "agent.steering.applied": z.looseObject({
    action: z.enum(["guide", "interrupt"]),
    tool_name: text,
    reason: text,
    ...inSpan,
  }),
  "agent.guardrail.triggered": z.looseObject({
    rule_name: text,
    action: z.enum(["block", "warn", "redact", "allow"]),
    location: z.enum(["input", "tool_args", "tool_result", "output"]),
    description: text,
    ...inSpan,
  }),
  "agent.interrupt.answered": z.looseObject({
    interrupt_id: text,
    by: textOrNull,
    waited_ms: duration,
    ...inSpan,
  }),
};
