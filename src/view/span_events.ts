import { clip, type Fields, textIn } from "./payload.ts";
import type { PictureParts } from "./picture_parts.ts";
import { stopWaiting, workedSince } from "./person_waits.ts";
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
  const known = parts.open.find(reading.pairKey);
  // What asked a person goes on with the answer.
  if (known !== undefined && (known.state === "waiting" || reading.isResumed)) {
    stopWaiting(known, at);
    parts.tree.touch(known);
    return known;
  }
  const parent = parentOf(parts, reading);
  const span = parts.tree.add<PictureSpan>({
    kind: "span",
    role: reading.role,
    spanId: reading.spanId,
    callId: reading.callId,
    name: clip(reading.name, MAX_NAME),
    subject: reading.subject,
    state: "running",
    startedAt: at,
    endedAt: null,
    durationMs: null,
    startEventId: eventId,
    endEventId: null,
    result: "",
    attempt: reading.attempt,
    batch: 0,
    waitedMs: 0,
    waits: [],
    children: [],
    leftOut: 0,
  }, parent);
  parts.open.add(span, reading.pairKey);
  if (reading.spanId !== null) parts.spans.set(reading.spanId, span);
  if (reading.callId !== null) parts.calls.set(reading.callId, span);
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
  const span = parts.open.find(reading.pairKey) ??
    startSpan(parts, reading, at - (duration ?? 0), null);
  // An answer may have come without a word of the tool's being called again.
  stopWaiting(span, at - (duration ?? 0));
  if (span.subject === "") span.subject = reading.subject;
  span.state = reading.state;
  // The work's own time: the event may have waited for siblings that began before.
  span.endedAt = duration === null ? at : Math.min(at, workedSince(span) + duration);
  span.durationMs = duration ?? at - span.startedAt - span.waitedMs;
  span.result = reading.result;
  span.attempt = Math.max(span.attempt, reading.attempt);
  span.endEventId = eventId;
  leave(parts, span, at);
  parts.turns.noteActivity(around(span), at);
  return span;
}

/** Moves a span to where it belongs, or remembers that for when it begins. */
export function linkSpan(
  { spans, calls, links, tree, open }: PictureParts,
  data: Fields,
): PictureRow | null {
  const [spanId, parentId] = [textIn(data, "span_id"), textIn(data, "parent_span_id")];
  const of = (id: string) => spans.get(id) ?? calls.get(id);
  const [span, parent] = [of(spanId), of(parentId)];
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

/** Ends all that is going on: no event about its end will come any more. */
export function loseAll(parts: PictureParts, at: number): void {
  for (const turn of parts.turns.running) parts.turns.end(turn, "lost", at, null);
  for (const span of [...parts.open.spans]) {
    stopWaiting(span, at);
    span.state = "lost";
    span.endedAt = at;
    leave(parts, span, at);
  }
}

/** The span that a span is part of. */
function around({ parent }: PictureSpan): PictureSpan | null {
  while (parent?.kind === "turn") ({ parent } = parent);
  return parent;
}

function leave({ turns, open, tree }: PictureParts, span: PictureSpan, at: number): void {
  for (const turn of span.children) {
    if (turn.kind === "turn") turns.end(turn, "lost", at, null);
  }
  turns.forget(span);
  open.delete(span);
  tree.touch(span);
}

function parentOf(
  parts: PictureParts,
  { spanId, role, parentId: said }: SpanReading,
): Branch | null {
  const { links, calls, turns } = parts;
  let parentId = said;
  if (spanId !== null) {
    parentId ??= links.get(spanId);
    links.delete(spanId);
  }
  const parent = parentId ? parts.branch(parentId) ?? calls.get(parentId) ?? null : null;
  if (role !== "tool" || parent?.kind === "turn") return parent;
  // A tool hangs on the turn of its agent that asked for it, or on the node of a graph that calls it for another one.
  const turn = turns.last(parent);
  const node = nodeAround(parent);
  return turn === null || (node !== null && !isWithin(turn, node)) ? parent : turn;
}

function nodeAround(row: Branch | null): Branch | null {
  while (row !== null && (row.kind === "turn" || row.role !== "node")) row = row.parent;
  return row;
}

const MAX_NAME = 200;
const MAX_LINKS = 1_000;
