import type { Bus, SubscribeOptions } from "../../core/bus/bus.ts";
import type { StreamEvent } from "../../events/stream_event.ts";
import { whenOpened } from "../http/when_opened.ts";

/** What is held of a run. */
export interface RunHistory {
  readonly run_id: string;
  /** Whether nothing will come after these events. */
  readonly closed: boolean;
  /** Resume here, to get what comes after these events. */
  readonly cursor: string;
  /** Oldest first; what is missing among them is announced by `bus.gap` events. */
  readonly events: readonly StreamEvent[];
}

/** Which events are taken. */
export interface HistoryOptions extends Pick<SubscribeOptions, "after" | "select" | "from"> {
  /** How many. @default {Infinity} */
  readonly limit?: number;
}

/**
 * Takes everything that a new reader of the run would get without waiting, or the first `limit` events of it: whoever
 * asks again after its cursor gets the next.
 *
 * @throws {Refusal} 503 if the bus cannot be reached.
 */
export async function readHistory(
  bus: Bus,
  runId: string,
  { limit = Infinity, ...options }: HistoryOptions,
  report: (error: unknown) => string,
): Promise<RunHistory> {
  const subscription = bus.subscribe(runId, options);
  await whenOpened(subscription, report);
  // What is held is taken at once, and one more than is asked for tells whether that is all. The second call finds the
  // end, or waits.
  const batches = subscription.batches({ maxEvents: limit + 1 });
  const held = batches.next();
  const rest = batches.next();
  const closed = subscription.ended === "closed";
  const { cursor } = subscription;
  // This settles the pending read.
  await batches.return?.();
  const [{ value: events = [] }] = await Promise.all([held, rest]);
  if (events.length <= limit) return { run_id: runId, closed, cursor, events };
  const first = events.slice(0, limit);
  return { run_id: runId, closed: false, cursor: first.at(-1)!.event_id, events: first };
}
