/**
 * What a lost connection has cost, as far as that is known.
 *
 * @module
 */
import type { StreamEvent } from "../../src/events/stream_event.ts";
import { restartWords } from "../../src/view/gap_words.ts";

/** How the latest resumption went. */
export interface Resumed {
  /** The last event that had arrived before; null if there was none, so that nothing can be said. */
  readonly after: string | null;
  /** How many events are missing; null until what came after `after` has been read. */
  readonly missed: number | null;
  /** What to say if the server does not go on from what it had; else null. */
  readonly restart: string | null;
  readonly at: number;
}

/** A resumption of which nothing is known yet. */
export function resumedAfter(after: string | null, at: number): Resumed {
  return { after, missed: null, restart: null, at };
}

/** What is known when these events have come after it, gaps among them. */
export function withEvents(resumed: Resumed, events: readonly StreamEvent[]): Resumed {
  let { missed, restart } = resumed;
  missed ??= 0;
  for (const { event_type: type, data } of events) {
    if (type !== "bus.gap") continue;
    // What no schema has checked may be anything.
    if (data.count > 0) missed += data.count;
    restart = restartWords(data) ?? restart;
  }
  return { ...resumed, missed, restart };
}
