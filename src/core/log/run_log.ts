import type { RunCompleted, RunStarted } from "../../events/catalogue/run.ts";
import type { Envelope, StreamEvent } from "../../events/stream_event.ts";
import { copyPayload } from "../copy_payload.ts";
import { EventLog, type LogEntry } from "./event_log.ts";
import type { Reader } from "./log_position.ts";
import type { Producers } from "./producers.ts";
import type { Listed, RecencyList } from "./recency_list.ts";

/** The log of one run, with what the bus has to know of it. */
export class RunLog extends EventLog implements Listed<RunLog> {
  readonly readers: Set<Reader> = new Set();
  /** Among which runs it goes, once it had an event or was closed; null for one that is only waited for. */
  list: RecencyList<RunLog> | null = null;
  older: RunLog | null = null;
  newer: RunLog | null = null;
  /** Whether the bus has forgotten this log; a run that goes on gets a new one. */
  forgotten = false;
  /** Whether the run had a log before, which the bus forgot. */
  isContinued = false;
  /** The first `run.started` and the last `run.completed`, even if the history no longer has them. */
  started: Envelope<"run.started", RunStarted> | undefined;
  completed: Envelope<"run.completed", RunCompleted> | undefined;
  /** The named producers of this run; null before the first. */
  producers: Producers | null = null;

  /** Keeps what says how the run began or ended beside the history, cut where it is large. */
  keep({ event, bytes }: LogEntry): void {
    const cut = () => Object.freeze(copyPayload(event.data, MAX_KEPT_BYTES).data);
    const kept = bytes <= MAX_KEPT_BYTES
      ? event
      : Object.freeze({ ...event, data: cut() }) as StreamEvent;
    if (kept.event_type === "run.started") this.started ??= kept;
    if (kept.event_type === "run.completed") this.completed = kept;
  }

  override clear(): void {
    super.clear();
    this.started = this.completed = undefined;
  }
}

const MAX_KEPT_BYTES = 16 * 1024;
