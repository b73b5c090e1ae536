import type { Reader } from "../../core/log/log_position.ts";
import type { ReaderStart } from "../../core/log/reader_start.ts";
import type { EventLog } from "../../core/log/event_log.ts";
import { RunLog } from "../../core/log/run_log.ts";
import { parseEventId } from "../../events/identifiers.ts";

/** An empty log, where a reader waits for the store's answer; it has the id that it came with. */
export function createRoom(name: string, after: string | null | undefined): RunLog {
  const room = new RunLog(name, 1);
  room.isFilling = true;
  const place = parseEventId(after ?? "");
  if (place === null) return room;
  room.epoch = place.epoch;
  room.head = place.seq;
  room.tail = place.seq + 1;
  return room;
}

export function move({ position }: Reader, log: EventLog, start: ReaderStart): void {
  position.log.unpark(position);
  position.moveTo(log, start);
  position.wake();
}

export function wake({ position }: Reader): void {
  position.log.unpark(position);
  position.wake();
}
