/** The pair of events around a compaction: the second comes also if it is broken off, or stopped from outside. */

import type {
  MemoryCompactorCompleted,
  MemoryCompactorTriggered,
} from "../../events/catalogue/memory.ts";
import { randomHex } from "../../core/random_hex.ts";
import type { ConversationContext } from "./manager.ts";

type Place = "strategy" | "span_id" | "parent_span_id";

/** What a compaction came to. */
export type Compacted = Omit<MemoryCompactorCompleted, Place | "messages_before" | "duration_ms">;

/**
 * Publishes both events around `work`.
 *
 * @param unchanged What to say if `work` throws, or what it is part of is stopped and no longer waits for it.
 * @returns What `work` returned.
 */
export async function compacting<T>(
  { spanId = null, emit, onStopped }: ConversationContext,
  triggered: Omit<MemoryCompactorTriggered, Place>,
  unchanged: Compacted,
  work: () => Promise<{ readonly value: T; readonly compacted: Compacted }>,
): Promise<T> {
  const pair = { strategy: "summarizing", span_id: randomHex(16), parent_span_id: spanId } as const;
  const start = performance.now();
  let isOpen = true;
  const end = (compacted: Compacted) => {
    if (isOpen) {
      emit?.("memory.compactor.completed", {
        messages_before: triggered.messages_before,
        ...compacted,
        duration_ms: performance.now() - start,
        ...pair,
      });
    }
    isOpen = false;
  };
  emit?.("memory.compactor.triggered", { ...triggered, ...pair });
  const forget = onStopped?.(() => end(unchanged));
  let compacted = unchanged;
  try {
    const done = await work();
    compacted = done.compacted;
    return done.value;
  } finally {
    forget?.();
    end(compacted);
  }
}
