import { z } from "zod";
import type { MemoryEvents } from "../catalogue/memory.ts";
import { count, duration, type SchemaRecord, text, textOrNull } from "./_fields.ts";

const summarizing = z.literal("summarizing");

/** The schema of every `memory.*` payload. */
export const memorySchemas: SchemaRecord<MemoryEvents> = {
  "memory.checkpoint.saved": z.looseObject({
    thread_id: text,
    iteration: count,
    backend: text,
    trigger: z.enum(["every_n_iterations", "final", "graph_interrupt"]),
  }),
  "memory.checkpoint.loaded": z.looseObject({
    thread_id: text,
    iteration: count,
    backend: text,
    resume_node: textOrNull,
  }),
  "memory.conversation.pruned": z.looseObject({
    strategy: z.literal("sliding_window"),
    window_size: count,
    removed_count: count,
  }),
  "memory.compactor.triggered": z.looseObject({
    strategy: summarizing,
    messages_before: count,
    threshold: count,
  }),
  "memory.compactor.completed": z.looseObject({
    strategy: summarizing,
    messages_before: count,
    messages_after: count,
    summarized_count: count,
    duration_ms: duration,
  }),
};
