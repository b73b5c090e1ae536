import { parseEventId } from "../events/identifiers.ts";
import type { StreamEvent } from "../events/stream_event.ts";

/**
 * What was delivered already, so that nothing is delivered twice, whatever a server sends again: one number
 * for each incarnation of a run's log, because within one the sequence only grows.
 *
 * A follower that is sent between two servers with a log each knows both.
 */
export class Delivered {
  readonly #highest = new Map<string, number>();
  // Nearly all events belong to the log of the event before: no look-up, no moving.
  #key = "";
  #seq = 0;

  /** Notes the event. False if it was delivered before. */
  add(event: StreamEvent): boolean {
    const id = parseEventId(event.event_id);
    if (id === null) return true;
    const key = `${event.run_id} ${id.epoch}`;
    if (key !== this.#key) this.#turnTo(key);
    // That delivery starts anew is said each time it does, and has no place in the log.
    const isNew = id.seq > this.#seq || isRestart(event);
    this.#seq = Math.max(this.#seq, id.seq);
    return isNew;
  }

  #turnTo(key: string): void {
    if (this.#key !== "") this.#highest.set(this.#key, this.#seq);
    this.#key = key;
    this.#seq = this.#highest.get(key) ?? 0;
    // Out of the map while it is in use; back at its end, so that the oldest is the first.
    this.#highest.delete(key);
    if (this.#highest.size < MAX_LOGS) return;
    for (const oldest of this.#highest.keys()) {
      this.#highest.delete(oldest);
      break;
    }
  }
}

/** As many logs as are remembered: for a run one is enough, a stream of all runs is live only. */
const MAX_LOGS = 256;

/** Whether the event says that delivery starts anew. */
export function isRestart(event: StreamEvent): boolean {
  if (event.event_type !== "bus.gap") return false;
  return event.data.reason === "unknown_cursor" || event.data.reason === "new_epoch";
}
