/**
 * What conversations are kept in between runs and between processes, what keeps them short, and what outlives them.
 *
 * Give an agent a {@linkcode Checkpointer}, and a run a `threadId`: the run begins with what was said
 * in that thread before, and what it comes to is saved. {@linkcode MemoryCheckpointer} is for tests and
 * short lives, {@linkcode storageCheckpointer} keeps threads in any storage of `unstorage`.
 *
 * Give an agent a {@linkcode ConversationManager}, such as {@linkcode compaction}, and what its model is sent stays within what
 * the model takes. {@linkcode longTermMemory} keeps what is to outlive a conversation.
 *
 * @example Keep a snapshot
 * ```ts
 * import { MemoryCheckpointer } from "@locus/core/memory";
 * import { assertEquals } from "@std/assert";
 *
 * const checkpointer = new MemoryCheckpointer({ maxThreads: 100 });
 * await checkpointer.save({ kind: "graph", version: 1, data: { step: 1 } }, "order-42");
 * await checkpointer.save({ kind: "graph", version: 1, data: { step: 2 } }, "order-42");
 *
 * assertEquals((await checkpointer.load("order-42"))?.data, { step: 2 });
 * assertEquals((await checkpointer.listCheckpoints("order-42")).length, 2);
 * assertEquals(await checkpointer.delete("order-42"), true);
 * ```
 *
 * @module
 */

export type {
  Checkpointer,
  CheckpointInfo,
  ListCheckpointsOptions,
  SaveOptions,
  Snapshot,
} from "./checkpointer.ts";
export type { CheckpointStorage } from "./checkpoint_storage.ts";
export type { Message, MessageRole } from "../events/message.ts";
export type { ToolCall } from "../events/agent_events.ts";
export { compaction, type CompactionOptions } from "./conversation/compaction.ts";
export { ConversationTooLongError } from "./conversation/manager.ts";
export type {
  ConversationContext,
  ConversationManager,
  CountedMessages,
} from "./conversation/manager.ts";
export { slidingWindow, type SlidingWindowOptions } from "./conversation/sliding_window.ts";
export { summarizing, type SummarizingOptions } from "./conversation/summarizing.ts";
export type { Summarize } from "./conversation/summary.ts";
export { CheckpointError, MemoryStoreError } from "./errors.ts";
export type { CheckpointErrorKind, MemoryStoreErrorKind } from "./errors.ts";
export { longTermMemory } from "./long_term/long_term_memory.ts";
export type { LongTermMemory, LongTermMemoryOptions } from "./long_term/long_term_memory.ts";
export type { MemoryChange, ScopedMemory } from "./long_term/scoped_memory.ts";
export { memoryManager } from "./long_term/memory_manager.ts";
export type {
  Memory,
  MemoryManager,
  MemoryManagerOptions,
  RememberingState,
} from "./long_term/memory_manager.ts";
export type { MemoryItem } from "./long_term/items.ts";
export type { MemoryScope } from "./long_term/scope.ts";
export type { RecordStore } from "./record_store.ts";
export { MemoryCheckpointer, type MemoryCheckpointerOptions } from "./memory_checkpointer.ts";
export { storageCheckpointer, type StorageCheckpointerOptions } from "./storage_checkpointer.ts";
