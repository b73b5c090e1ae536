import type { PersistOptions } from "./retry.ts";
import type { OutgoingEvent } from "./store.ts";

/** What waits in an `Outbox`. */
export type Item =
  | { readonly kind: "events"; readonly events: OutgoingEvent[] }
  | { readonly kind: "lost"; count: number }
  | { readonly kind: "close" | "drop" }
  | Call;

/** A call that a caller awaits. It is settled once. */
export interface Call {
  readonly kind: "call";
  /** @throws {PermanentError} If the store refuses it for good. */
  readonly send: (options: PersistOptions) => Promise<void>;
  readonly fail: (error: unknown) => void;
  readonly settle: (tell: () => void) => void;
}

// What one command to the store carries at most.
const MAX_BATCH_EVENTS = 256;
const MAX_BATCH_CHARS = 1024 * 1024;

/** Takes what was lost first, and then events, up to the next command or loss. */
export function takeBatch(queue: Item[]): { lost: number; events: OutgoingEvent[] } {
  let lost = 0;
  if (queue[0]?.kind === "lost") {
    lost = queue[0].count;
    queue.shift();
  }
  const [item] = queue;
  if (item?.kind !== "events") return { lost, events: [] };
  let count = 0;
  let chars = 0;
  while (count < Math.min(item.events.length, MAX_BATCH_EVENTS)) {
    chars += item.events[count]!.data.length;
    if (count > 0 && chars > MAX_BATCH_CHARS) break;
    count++;
  }
  const events = item.events.splice(0, count);
  if (item.events.length === 0) queue.shift();
  return { lost, events };
}
