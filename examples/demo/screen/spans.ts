/**
 * Spans in the picture of a run: where each belongs, and how it went.
 *
 * @module
 */
import { isRunning, lastTurn, type Row, type RunView, type Span } from "./run_view.ts";

/** What is known of a span at its beginning. */
export interface SpanStart {
  readonly spanId: string;
  /** The span that it is part of; left out, it belongs to the turn at hand. Null is the run itself. */
  readonly parentId?: string | null;
  readonly name: string;
  readonly subject: string;
  readonly at: number;
}

/** Adds a span that has begun. */
export function startSpan(view: RunView, { spanId, parentId, name, subject, at }: SpanStart): Span {
  const parent = findSpan(view, parentId ?? view.links.get(spanId) ?? "");
  const siblings = parent?.children ??
    (parentId === null ? view.rows : lastTurn(view)?.children ?? view.rows);
  const span: Span = {
    kind: "span",
    spanId,
    name,
    subject,
    state: "running",
    startedAt: at,
    durationMs: null,
    result: "",
    batch: nextBatch(siblings),
    children: [],
  };
  siblings.push(span);
  return span;
}

/** Notes how a span went. */
export function endSpan(span: Span, success: boolean, durationMs: number, result: string): Span {
  span.state = success ? "done" : "failed";
  // The work's own time: the event may have waited for siblings that were started before.
  span.durationMs = durationMs;
  span.result = result;
  return span;
}

/** Moves a span to where it belongs, or remembers that for when it begins. */
export function linkSpan(view: RunView, spanId: string, parentId: string): Span | null {
  const span = findSpan(view, spanId);
  const parent = findSpan(view, parentId);
  if (span === undefined) view.links.set(spanId, parentId);
  const siblings = span && listOf(view.rows, span);
  // Nothing can be part of itself, whatever an event says.
  if (!span || !siblings || !parent || span === parent || listOf(span.children, parent)) {
    return null;
  }
  siblings.splice(siblings.indexOf(span), 1);
  span.batch = nextBatch(parent.children);
  parent.children.push(span);
  return span;
}

/** The latest span of that id. */
export function findSpan(view: RunView, spanId: string): Span | undefined {
  return findIn(view.rows, spanId);
}

function findIn(rows: readonly Row[], spanId: string): Span | undefined {
  for (const row of rows.toReversed()) {
    if (row.kind === "note") continue;
    const found = row.kind === "span" && row.spanId === spanId ? row : findIn(row.children, spanId);
    if (found !== undefined) return found;
  }
}

/** The list under `rows` that holds `wanted`. */
function listOf(rows: Row[], wanted: Row): Row[] | undefined {
  if (rows.includes(wanted)) return rows;
  for (const row of rows) {
    const found = row.kind === "note" ? undefined : listOf(row.children, wanted);
    if (found !== undefined) return found;
  }
}

/** What begins while a sibling is at work runs at the same time as that. */
function nextBatch(siblings: readonly Row[]): number {
  const spans = siblings.filter((row) => row.kind === "span");
  const last = spans.at(-1)?.batch ?? 0;
  return spans.some(isRunning) ? last : last + 1;
}
