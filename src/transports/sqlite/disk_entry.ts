import { copyPayload } from "../../core/copy_payload.ts";
import { type EventLog, LogEntry, makeGap } from "../../core/log/event_log.ts";
import { isEventType } from "../../events/identifiers.ts";
import type { StreamEvent } from "../../events/stream_event.ts";
import { HoleEntry, isTime } from "../remote/stored_entry.ts";
import type { EventRow } from "./run_state.ts";

/** An event of the file. Its payload is read when somebody takes it. */
class DiskEntry extends LogEntry {
  readonly #row: EventRow;
  readonly #maxBytes: number;
  #read: StreamEvent | undefined;

  constructor(log: EventLog, row: EventRow, maxBytes: number) {
    const { id, seq, type, time, data } = row;
    super(log, seq, type as string, id, time as number, {}, 2 * (data as string).length);
    this.#row = row;
    this.#maxBytes = maxBytes;
  }

  override get event(): StreamEvent {
    return this.#read ??= this.#make();
  }

  #make(): StreamEvent {
    const { seq, type, id, time, data } = this.#row;
    try {
      const payload = copyPayload(JSON.parse(data as string), this.#maxBytes).data;
      return new LogEntry(this.log, seq, type as string, id, time as number, payload, 0).event;
    } catch {
      return makeGap(this.log, seq, seq, "evicted") as StreamEvent;
    }
  }
}

/** What a row stands for. Whoever can write to the file can write anything there. */
export function toEntry(log: EventLog, row: EventRow, maxBytes: number): LogEntry {
  const { id, seq, type, time, data } = row;
  const isEvent = isEventType(type) && isTime(time) &&
    typeof data === "string" &&
    data.startsWith("{");
  if (isEvent) return new DiskEntry(log, row, maxBytes);
  const from = type === "" ? Number(data) : seq;
  return new HoleEntry(log, from >= 1 && from <= seq ? from : seq, seq, id);
}
