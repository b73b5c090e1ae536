/** A run as a file: one event a line, by itself (NDJSON) or in a page that shows it. */

import { formatEventId, parseEventId } from "../events/identifiers.ts";
import { isStreamEvent } from "../events/is_stream_event.ts";
import type { StreamEvent } from "../events/stream_event.ts";
import { visibleJson } from "../view/visible.ts";

/** Where the events of a page begin. It stands before anything else in which the same characters could be. */
export const EVENTS_START = '<script type="application/x-ndjson" id="events">\n';

const EVENTS_END = "</script>";

/**
 * Events as NDJSON. No line has a `<`, so whatever an event says, it can neither end the element that holds it nor
 * begin another; and nothing that turns the reading order, hides, or ends a line of JavaScript. Parsing it gives the
 * same values.
 */
export function eventLines(events: Iterable<StreamEvent>): string {
  let lines = "";
  for (const event of events) lines += `${visibleJson(event).replaceAll("<", "\\u003c")}\n`;
  return lines;
}

/** Puts events into the page that has room for them: `run.html` of the workbench. */
export function fillPage(page: string, events: Iterable<StreamEvent>): string {
  const at = page.indexOf(EVENTS_START) + EVENTS_START.length;
  return page.slice(0, at) + eventLines(events) + page.slice(at);
}

/**
 * Reads what {@linkcode eventLines} or {@linkcode fillPage} has written, or any other NDJSON of events.
 *
 * @throws {TypeError} If a line is not an event, or there is none.
 */
export function readRunFile(text: string): StreamEvent[] {
  const start = text.indexOf(EVENTS_START);
  const end = start < 0 ? text.length : text.indexOf(EVENTS_END, start);
  if (end < 0) throw new TypeError("the file breaks off in the middle");
  const events: StreamEvent[] = [];
  const lines = text.slice(start < 0 ? 0 : start + EVENTS_START.length, end).split("\n");
  for (const [index, line] of lines.entries()) {
    if (line.trim() !== "") events.push(readEventLine(line, `line ${index + 1}`));
  }
  if (events.length === 0) throw new TypeError("the file has no events");
  return events;
}

/** Reads one line. @throws {TypeError} If it is not an event. */
export function readEventLine(line: string, place: string): StreamEvent {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new TypeError(`${place}: this is not JSON`);
  }
  if (!isStreamEvent(value)) throw new TypeError(`${place}: this is not an event of Locus`);
  return value;
}

/** Events of a run that was closed, with its end behind them where it is missing: a history does not have it. */
export function withEnd(events: readonly StreamEvent[]): readonly StreamEvent[] {
  const last = events.at(-1);
  const at = last === undefined ? null : parseEventId(last.event_id);
  if (last === undefined || at === null || last.event_type === "bus.end") return events;
  const { event_id, run_id, timestamp } = last;
  const data = { last_event_id: event_id };
  const id = formatEventId(at.epoch, at.seq + 1);
  return [...events, { event_id: id, run_id, event_type: "bus.end", timestamp, data }];
}
