import { parseEventId } from "../events/identifiers.ts";
import type { StreamEvent } from "../events/stream_event.ts";

/**
 * What was delivered already, so that nothing is delivered twice: one number for each epoch of a run, because the
 * sequence only grows within an epoch.
 *
 * A follower whose requests go to two servers with a log each remembers both.
 */
export class Delivered {
  readonly #highest = new Map<string, number>();
  // Nearly all events have the run and epoch of the event before: no lookup.
  #key = "";
  #seq = 0;
  /** The highest number of the run of the last event, before that was added. */
  before = 0;

  /** Adds an event. Returns false if it was delivered before. */
  add(event: StreamEvent): boolean {
    const id = parseEventId(event.event_id);
    if (id === null) return true;
    const key = `${event.run_id} ${id.epoch}`;
    if (key !== this.#key) this.#turnTo(key);
    // A restart is announced each time, and has no place in the log.
    const isNew = id.seq > this.#seq || isRestart(event);
    this.before = this.#seq;
    this.#seq = Math.max(this.#seq, id.seq);
    return isNew;
  }

  #turnTo(key: string): void {
    if (this.#key !== "") this.#highest.set(this.#key, this.#seq);
    this.#key = key;
    this.#seq = this.#highest.get(key) ?? 0;
    // The current one is not in the map, and returns to its end, so that the oldest is the first.
    this.#highest.delete(key);
    if (this.#highest.size < MAX_LOGS) return;
    for (const oldest of this.#highest.keys()) {
      this.#highest.delete(oldest);
      break;
    }
  }
}

/** How many logs are remembered: one is enough for a run, and several runs are up to 100. */
const MAX_LOGS = 256;

/** Whether the event says that delivery starts over. */
export function isRestart(event: StreamEvent): boolean {
  if (event.event_type !== "bus.gap") return false;
  return event.data.reason === "unknown_cursor" || event.data.reason === "new_epoch";
}
