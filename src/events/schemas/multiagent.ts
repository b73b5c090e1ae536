import { z } from "zod";
import { candidates, inParent, inSpan, spanPair } from "./_places.ts";
import type { MultiagentEvents } from "../catalogue/multiagent.ts";
import { count, duration, flag, ordinal, ratio, type SchemaRecord } from "./_fields.ts";
import { text, textOrNull, texts } from "./_fields.ts";

/** The schema of every `multiagent.*` payload. */
export const multiagentSchemas: SchemaRecord<MultiagentEvents> = {
  "multiagent.orchestrator.routing": z.looseObject({
    orchestrator_id: text,
    task_preview: text,
    specialist_count: count,
    ...inSpan,
  }),
  "multiagent.orchestrator.decision": z.looseObject({
    orchestrator_id: text,
    decision: z.enum(["invoke_specialist", "correlate", "summarize", "finalize"]),
    specialists_selected: texts,
    reasoning: text,
    ...inSpan,
  }),
  "multiagent.orchestrator.specialists_invoked": z.looseObject({
    orchestrator_id: text,
    specialists_invoked: texts,
    specialists_succeeded: texts,
    specialists_failed: texts,
    ...inSpan,
  }),
  "multiagent.orchestrator.summary": z.looseObject({
    orchestrator_id: text,
    summary_length: count,
    ...inSpan,
  }),
  "multiagent.specialist.started": z.looseObject({
    specialist_id: text,
    specialist_type: text,
    task_preview: text,
    ...spanPair,
  }),
  "multiagent.specialist.completed": z.looseObject({
    specialist_id: text,
    specialist_type: text,
    success: flag,
    confidence: ratio,
    duration_ms: duration,
    output_length: count,
    error: textOrNull,
    ...spanPair,
  }),
  "multiagent.handoff.initiated": z.looseObject({
    source_agent_id: text,
    target_agent_id: text,
    reason: z.enum(["specialization", "escalation", "delegation", "completion", "failure"]),
    context_summary: textOrNull,
    ...spanPair,
  }),
  "multiagent.handoff.completed": z.looseObject({
    source_agent_id: text,
    target_agent_id: text,
    success: flag,
    output_length: count,
    ...spanPair,
  }),
  "multiagent.graph.node.started": z.looseObject({
    graph_id: text,
    node_id: text,
    iteration: ordinal,
    span_id: text,
    parallel: flag,
    is_resuming: flag,
    execution: ordinal.optional(),
    because: z.enum(["scheduled", "answer", "recover", "replay"]).optional(),
    kept: texts.optional(),
    task_id: text.optional(),
    ...inParent,
  }),
  "multiagent.graph.node.completed": z.looseObject({
    graph_id: text,
    node_id: text,
    span_id: text,
    status: z.enum(["completed", "failed", "skipped", "interrupted"]),
    duration_ms: duration,
    parallel: flag,
    error: textOrNull.optional(),
    attempts: ordinal.optional(),
    cached: flag.optional(),
    changed: texts.optional(),
    ...inParent,
  }),
  "multiagent.graph.node.routed": z.looseObject({
    from_node: text,
    to_nodes: texts,
    condition_result: z.union([text, texts, z.null()]),
    candidates,
    graph_id: text.optional(),
    via: z.enum(["static", "conditional", "command"]).optional(),
    ...inSpan,
  }),
};
