import type { WaitOptions } from "../core/settle_once.ts";
import type { CoordinationEventType } from "../events/catalogue/coordination.ts";
import type { CoordinationEvent } from "./coordination_event.ts";
import type { CoordinationFilter } from "./filter.ts";

/** What {@linkcode CoordinationBus.subscribe} takes. */
export interface CoordinationSubscription<T extends CoordinationEventType = CoordinationEventType>
  extends CoordinationFilter {
  /** Which types of events; none if the list is empty. @default {every type} */
  types?: readonly T[];
  /** Called with each event. The publisher waits for what it returns. */
  handler: (event: CoordinationEvent<T>) => unknown;
}

/** What {@linkcode CoordinationBus.waitFor} takes. */
export interface CoordinationWait<T extends CoordinationEventType = CoordinationEventType>
  extends CoordinationFilter, Pick<WaitOptions, "signal"> {
  /** Which type of event. */
  type: T;
  /** Answers with null after this many milliseconds, and with 0 at once. @default {never} */
  timeoutMs?: number;
}

/** What {@linkcode CoordinationBus.getHistory} takes. */
export interface CoordinationHistoryQuery<T extends CoordinationEventType = CoordinationEventType>
  extends CoordinationFilter {
  /** Only events of this type. @default {every type} */
  type?: T;
  /** Only events with this `correlation_id`. */
  correlation?: string;
  /** How many events at most. @default {100} */
  limit?: number;
}

/** What {@linkcode CoordinationBus.getStats} answers. */
export interface CoordinationStats {
  /** Events that the history holds. */
  total_events: number;
  /** Handlers that are subscribed, and waits that go on. */
  subscriptions: number;
  /** Of the events that the history holds, how many are of each type. */
  events_by_type: Partial<Record<CoordinationEventType, number>>;
}
