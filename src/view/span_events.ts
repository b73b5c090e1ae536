import { clip, type Fields, textIn } from "./payload.ts";
import type { PictureParts } from "./picture_parts.ts";
import type { PictureRow, PictureSpan } from "./picture_rows.ts";
import { type Branch, isWithin } from "./row_tree.ts";
import type { SpanReading } from "./span_reading.ts";

/** Adds a span that has begun. */
export function startSpan(
  parts: PictureParts,
  reading: SpanReading,
  at: number,
  eventId: string | null,
): PictureSpan {
  const known = parts.open.find(reading, at);
  // A tool that asked a person is called again with the answer.
  if (known?.state === "waiting") {
    parts.waits.resume(known, at);
    parts.tree.touch(known);
    return known;
  }
  const parent = parentOf(parts, reading);
  const span = parts.tree.add<PictureSpan>({
    kind: "span",
    role: reading.role,
    spanId: reading.spanId,
    name: clip(reading.name, MAX_NAME),
    subject: reading.subject,
    state: "running",
    startedAt: at,
    endedAt: null,
    durationMs: null,
    startEventId: eventId,
    endEventId: null,
    result: "",
    batch: 0,
    waitedMs: 0,
    children: [],
    leftOut: 0,
  }, parent);
  parts.open.add(span, reading.pairKey);
  if (reading.spanId !== null) parts.spans.set(reading.spanId, span);
  return span;
}

/** Notes how a span went. */
export function endSpan(
  parts: PictureParts,
  reading: SpanReading,
  at: number,
  eventId: string,
): PictureSpan {
  const duration = reading.durationMs === null ? null : Math.max(0, reading.durationMs);
  // The beginning may have fallen into a gap.
  const span = parts.open.find(reading, at) ??
    startSpan(parts, reading, at - (duration ?? 0), null);
  // An answer may have come without a word of the tool's being called again.
  parts.waits.resume(span, at - (duration ?? 0));
  const workedSince = parts.waits.workedSince(span);
  if (span.subject === "") span.subject = reading.subject;
  span.state = reading.state;
  // The work's own time: the event may have waited for siblings that began before.
  span.endedAt = duration === null ? at : Math.min(at, workedSince + duration);
  span.durationMs = duration ?? at - span.startedAt - span.waitedMs;
  span.result = reading.result;
  span.endEventId = eventId;
  leave(parts, span, at);
  parts.turns.hear(parts.open.innermost, at);
  return span;
}

/** Moves a span to where it belongs, or remembers that for when it begins. */
export function linkSpan(
  { spans, links, tree, open }: PictureParts,
  data: Fields,
): PictureRow | null {
  const [spanId, parentId] = [textIn(data, "span_id"), textIn(data, "parent_span_id")];
  const [span, parent] = [spans.get(spanId), spans.get(parentId)];
  if (span === undefined) {
    if (links.size >= MAX_LINKS) links.clear();
    links.set(spanId, parentId);
    return null;
  }
  // It may stand further in already: under the turn, inside its parent, that asked for it.
  if (parent === undefined || isWithin(span, parent)) return null;
  const { parent: before } = span;
  if (!tree.move(span, parent)) return null;
  open.moved(span, before);
  return span;
}

/** Ends all that is going on: nobody will say any more how it went. */
export function loseAll(parts: PictureParts, at: number): void {
  for (const turn of parts.turns.running) parts.turns.end(turn, "lost", at, null);
  for (const span of [...parts.open.spans]) {
    parts.waits.resume(span, at);
    span.state = "lost";
    span.endedAt = at;
    leave(parts, span, at);
  }
}

/** Where the agent works that called a tool, if `place` is one. */
export function callerIn(place: PictureSpan | null): PictureSpan | null {
  if (place?.role !== "tool") return place;
  let { parent } = place;
  while (parent?.kind === "turn") ({ parent } = parent);
  return parent;
}

function leave({ turns, open, tree }: PictureParts, span: PictureSpan, at: number): void {
  const turn = turns.last(span);
  if (turn !== null) turns.end(turn, "lost", at, null);
  turns.forget(span);
  open.delete(span);
  tree.touch(span);
}

function parentOf(
  { spans, links, open, turns }: PictureParts,
  reading: SpanReading,
): Branch | null {
  const { spanId, role } = reading;
  let { parentId } = reading;
  if (spanId !== null) {
    parentId ??= links.get(spanId);
    links.delete(spanId);
  }
  if (reading.parentId === null && parentId === null) return null;
  const parent = typeof parentId === "string" ? spans.get(parentId) : undefined;
  if (parent !== undefined) return parent;
  const around = open.around(reading);
  return role === "tool" ? turns.takeTool(around) ?? around : around;
}

const MAX_NAME = 200;
const MAX_LINKS = 1_000;
