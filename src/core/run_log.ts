import { EventLog } from "./event_log.ts";
import type { Reader } from "./log_subscription.ts";

/** The log of one run, with what the bus has to know of it. */
export class RunLog extends EventLog {
  readonly readers: Set<Reader> = new Set();
  /** Whether it counts as a run that is held: it had an event or was closed. */
  isRetained = false;
  /** The higher, the later something happened to it. */
  recency = 0;
  /** Whether the bus has forgotten this log; a run that goes on gets a new one. */
  forgotten = false;
}
