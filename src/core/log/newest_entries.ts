import type { EventLog, LogEntry } from "./event_log.ts";

/** The last `limit` entries of several logs that match, newest first in the order of publishing. */
export function newestEntries(
  logs: Iterable<EventLog | undefined>,
  matches: ((entry: LogEntry) => boolean) | undefined,
  limit: number,
): LogEntry[] {
  const found: LogEntry[] = [];
  for (const log of logs) {
    if (log === undefined) continue;
    const enough = found.length + limit;
    for (let position = log.head; position >= log.tail && found.length < enough; position--) {
      const entry = log.at(position);
      if (matches === undefined || matches(entry)) found.push(entry);
    }
  }
  return found.sort((a, b) => b.order - a.order).slice(0, limit);
}
