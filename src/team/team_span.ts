/** What is open on the bus while somebody of a team works. */

import { endOpen, noteOpen } from "../core/run/open_work.ts";
import type { AnyRun } from "../core/run/run.ts";
import { randomHex } from "../core/random_hex.ts";
import { type SpanEnd, startSpan } from "../core/run/span.ts";

/** How it ends: at least whether well, and if not, why. */
export interface TeamEnd {
  readonly success: boolean;
  readonly error: string | null;
}

/** A span whose end is told exactly once, after the ends of all in it. Outside of a run it tells nothing. */
export interface TeamSpan<End extends TeamEnd> {
  /** The run, as seen from inside of the span. */
  readonly run: AnyRun | undefined;
  readonly id: string | null;
  /** Tells its end, unless it was told. */
  end(end: End): void;
  /** It waits for a person and goes on later: what is around it may end before. */
  suspend(): void;
}

/** How a span is begun in a run: gives its id, and what tells its end. */
export type Begin<End> = (outer: AnyRun) => { readonly id: string; end(end: End): void };

/**
 * Begins a span.
 *
 * @param stopped How it ends if what is around it is stopped first.
 */
export function openTeamSpan<End extends TeamEnd>(
  outer: AnyRun | undefined,
  signal: AbortSignal | undefined,
  begin: Begin<End>,
  stopped: () => End,
): TeamSpan<End> {
  if (outer === undefined) return { run: undefined, id: null, end() {}, suspend() {} };
  const { id, end: tell } = begin(outer);
  const run = outer.inSpan(id);
  const end = (end: End) => {
    if (!forget()) return;
    endOpen(run, !end.success);
    tell(end);
  };
  const forget = noteOpen(outer, (isStopped) => {
    if (isStopped || signal?.aborted) end(stopped());
  });
  return { run, id, end, suspend: () => void forget() };
}

/**
 * Begins a pair of events of the catalogue.
 *
 * @param again The span of a pair that has begun and goes on.
 */
export function beginPair<End>(
  types: readonly [started: string, completed: string],
  shared: Readonly<Record<string, unknown>>,
  started: Readonly<Record<string, unknown>>,
  again?: string,
): Begin<End> {
  return (outer) => {
    const id = again ?? randomHex(16);
    const place = { ...shared, span_id: id, parent_span_id: outer.spanId };
    if (again === undefined) outer.emit(types[0], { ...started, ...place });
    return { id, end: (end) => outer.emit(types[1], { ...end, ...place }) };
  };
}

/** Begins a span of the contract's own, which says at its end what else is known. */
export function beginSpan(
  kind: "orchestrator" | "swarm" | "task",
  name: string,
  attributes: Readonly<Record<string, unknown>>,
): Begin<TeamEnd & { readonly more?: SpanEnd }> {
  return (outer) => {
    const span = startSpan(outer, name, kind, attributes);
    return { id: span.id, end: ({ success, error, more }) => span.complete(success, error, more) };
  };
}
