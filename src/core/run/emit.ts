import type { EventName, EventPayload } from "../../events/stream_event.ts";
import { shared } from "./shared.ts";

/**
 * Publishes an event to the run that this code is part of. Outside of a run it does nothing: one
 * context read, no allocation, no bus.
 *
 * - Never waits, and never throws in a runtime with async context.
 * - Names of the catalogue are checked at compile time, with their payloads; names outside its
 *   prefixes are yours.
 *
 * @throws {Error} If this runtime has no async context (browsers) while a run context is active: use
 * the run's handle there.
 *
 * @example Emit
 * ```ts
 * import { emit } from "@locus/core";
 *
 * emit("rag.query.completed", { hit_count: 3, top_score: 0.9, duration_ms: 12, store_type: "memory" });
 * emit("shop.paid", { order_id: "42" });
 * ```
 */
export function emit<T extends string>(eventType: EventName<T>, data: EventPayload<T>): void {
  shared.run.get()?.emit(eventType, data);
}
