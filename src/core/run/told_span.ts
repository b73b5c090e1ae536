/** A span that is told by events of its own, such as a pair of the catalogue. */

import { summarize } from "../error_text.ts";
import { randomHex } from "../random_hex.ts";
import { endOpen, noteOpen } from "./open_work.ts";
import type { AnyRun } from "./run.ts";
import { type SpanEnd, startSpan } from "./span.ts";

/** How it ends: at least why, if it does not end well. */
export interface ToldEnd {
  readonly error: string | null;
}

/** A span whose end is told exactly once, after the ends of all in it. Outside of a run it tells nothing. */
export interface ToldSpan<End extends ToldEnd> {
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
 * @param left How it ends if what is around it ends first, because that was stopped or not; null if it goes on all the same.
 */
export function openTold<End extends ToldEnd>(
  outer: AnyRun | undefined,
  begin: Begin<End>,
  left: (isStopped: boolean) => End | null,
): ToldSpan<End> {
  if (outer === undefined) return { run: undefined, id: null, end() {}, suspend() {} };
  const { id, end: tell } = begin(outer);
  const run = outer.inSpan(id);
  const end = (end: End) => {
    if (!forget()) return;
    endOpen(run, end.error !== null);
    tell(end);
  };
  const forget = noteOpen(outer, (isStopped) => {
    const ended = left(isStopped);
    if (ended !== null) end(ended);
  });
  return { run, id, end, suspend: () => void forget() };
}

/**
 * Does something in a span, whose end is told whatever comes of it.
 *
 * @param failed How it ends if `work` throws, or what is around it ends first.
 * @param work Gives what it came to, and how it ends.
 */
export async function inTold<R, End extends ToldEnd>(
  outer: AnyRun | undefined,
  begin: Begin<End>,
  failed: (error: string) => End,
  work: (span: ToldSpan<End>) => Promise<readonly [R, End]>,
): Promise<R> {
  const span = openTold(outer, begin, () => failed("left open"));
  try {
    const [result, end] = await work(span);
    span.end(end);
    return result;
  } catch (error) {
    span.end(failed(summarize(error)));
    throw error;
  }
}

/**
 * Begins a pair of events of the catalogue.
 *
 * @param shared What both of them say, beside their place.
 * @param started What the first one says; null if that is told.
 */
export function beginPair<End>(
  types: readonly [started: string, completed: string],
  shared: Readonly<Record<string, unknown>>,
  started: Readonly<Record<string, unknown>> | null,
  id = randomHex(16),
): Begin<End> {
  return (outer) => {
    const place = { ...shared, span_id: id, parent_span_id: outer.spanId };
    if (started !== null) outer.emit(types[0], { ...started, ...place });
    return { id, end: (end) => outer.emit(types[1], { ...end, ...place }) };
  };
}

/** Begins a span of the contract's own, which says at its end what else is known. */
export function beginSpan(
  kind: string,
  name: string,
  attributes: Readonly<Record<string, unknown>>,
): Begin<ToldEnd & { readonly success: boolean; readonly more?: SpanEnd }> {
  return (outer) => {
    const span = startSpan(outer, name, kind, attributes);
    return { id: span.id, end: ({ success, error, more }) => span.complete(success, error, more) };
  };
}
