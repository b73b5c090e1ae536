import { z } from "zod";
import { inSpan, spanPair } from "./_places.ts";
import type { MemoryEvents } from "../catalogue/memory.ts";
import { count, duration, flag, type SchemaRecord, text, textOrNull, texts } from "./_fields.ts";

const summarizing = z.literal("summarizing");

/** The schema of every `memory.*` payload. */
export const memorySchemas: SchemaRecord<MemoryEvents> = {
  "memory.checkpoint.saved": z.looseObject({
    thread_id: text,
    iteration: count,
    backend: text,
    trigger: z.enum(["every_n_iterations", "final", "graph_interrupt"]),
    checkpoint_id: text.optional(),
    parent_checkpoint_id: textOrNull.optional(),
    bytes: count.optional(),
    changed: texts.optional(),
    ...inSpan,
  }),
  "memory.checkpoint.loaded": z.looseObject({
    thread_id: text,
    iteration: count,
    backend: text,
    resume_node: textOrNull,
    checkpoint_id: text.optional(),
    because: z.enum(["scheduled", "answer", "recover", "replay"]).optional(),
    ...inSpan,
  }),
  "memory.conversation.pruned": z.looseObject({
    strategy: z.literal("sliding_window"),
    window_size: count,
    removed_count: count,
    ...inSpan,
  }),
  "memory.compactor.triggered": z.looseObject({
    strategy: summarizing,
    messages_before: count,
    threshold: count,
    unit: z.enum(["messages", "tokens"]).optional(),
    tokens_before: count.optional(),
    because: z.enum(["threshold", "overflow", "asked"]).optional(),
    ...spanPair,
  }),
  "memory.compactor.completed": z.looseObject({
    strategy: summarizing,
    messages_before: count,
    messages_after: count,
    summarized_count: count,
    duration_ms: duration,
    tokens_after: count.optional(),
    evicted: z.array(
      z.looseObject({ tool_call_id: text, name: text, bytes: count, ref: textOrNull }),
    ).optional(),
    from_index: count.nullable().optional(),
    to_index: count.nullable().optional(),
    fallback: textOrNull.optional(),
    over_budget: flag.optional(),
    ...spanPair,
  }),
};
