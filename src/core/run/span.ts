import type { SpanCompleted, SpanStarted } from "../../events/catalogue/span.ts";
import { summarize } from "../error_text.ts";
import { checkRecord, checkRun, checkText } from "../checks.ts";
import { describe, readCall } from "../options.ts";
import { randomHex } from "../random_hex.ts";
import { endOpen, noteOpen } from "./open_work.ts";
import { type Run, withinRun } from "./run_context.ts";
import { shared } from "./shared.ts";

/** A piece of work that is being watched. */
export interface Span {
  /** 16 hexadecimal digits, as W3C Trace Context has them. */
  readonly id: string;
  /** The span that this one is part of; null at the top of the run. */
  readonly parentId: string | null;
  /** The run, as seen from within this span: hand it on where no context reaches. */
  readonly run: Run;
}

/** Options of {@linkcode withSpan}. */
export interface SpanOptions {
  /** What is known at the beginning. @default {{}} */
  attributes?: Readonly<Record<string, unknown>>;
  /** The run to publish to, where no context reaches. @default {the current run} */
  run?: Run;
}

/**
 * Publishes the beginning and the end of what `fn` does, as `span.started` and `span.completed` with one
 * `span_id`. Spans inside it, through awaits, generators and parallel branches, know it as their parent.
 *
 * - **End:** when what `fn` returns is over: a promise, an iterator, a stream, or an object that can be iterated. It
 *   comes also when `fn` throws or is aborted; the error is passed on. Spans that are still open inside of one that failed
 *   or was left end before it, as `left open`.
 * - **Outside of a run** it only calls `fn`, with undefined.
 *
 * @returns What `fn` returns, the same object; in place of a native promise, one like it.
 * @throws {TypeError} If an option is unknown. Otherwise what `fn` throws.
 *
 * @example Show where the time goes
 * ```ts
 * import { EventBus, runContext, withSpan } from "@locus/core";
 * import { assertEquals } from "@std/assert";
 *
 * const bus = new EventBus();
 * const price = await runContext({ runId: "r1", bus }, () =>
 *   withSpan("quote", async () => {
 *     const [net, tax] = await Promise.all([
 *       withSpan("net price", async () => 100),
 *       withSpan("tax", async () => 25),
 *     ]);
 *     return net + tax;
 *   }));
 * assertEquals(price, 125);
 *
 * const [outer, inner] = bus.history("span.started").toReversed();
 * assertEquals(inner?.data.parent_span_id, outer?.data.span_id);
 * ```
 */
export function withSpan<R>(name: string, fn: (span: Span | undefined) => R): R;
/** The same, with attributes, or for a run that no context carries. */
export function withSpan<R>(
  name: string,
  options: SpanOptions,
  fn: (span: Span | undefined) => R,
): R;
export function withSpan<R>(
  name: string,
  optionsOrFn: SpanOptions | ((span: Span | undefined) => R),
  maybeFn?: (span: Span | undefined) => R,
): R {
  const owner = "withSpan()";
  checkText(owner, "name", name);
  const [options, fn] = readCall<SpanOptions, (span: Span | undefined) => R>(
    owner,
    optionsOrFn,
    maybeFn,
    ["attributes", "run"],
  );
  const { attributes = {}, run: given } = options;
  checkRecord(owner, "attributes", attributes);
  if (given !== undefined) checkRun(`${owner}: "run" must be`, given);
  const outer = given ?? shared.run.get();
  if (outer === undefined) return fn(undefined);
  const span = startSpan(outer, name, "work", attributes);
  const run = outer.inSpan(span.id);
  const isOpen = noteOpen(outer, (isStopped) => {
    endOpen(run, isStopped);
    if (isStopped && isOpen()) span.complete(false, "left open");
  });
  return withinRun(
    run,
    () => fn({ id: span.id, parentId: outer.spanId, run }),
    (how, error) => {
      endOpen(run, how !== "done");
      if (isOpen()) span.complete(how !== "failed", how === "failed" ? summarize(error) : null);
    },
  );
}

/** A span that has begun. */
export interface OpenSpan {
  readonly id: string;
  /** Publishes its end. */
  complete(success: boolean, error: string | null, more?: SpanEnd): void;
}

/** What else is known of a span at its end. */
export type SpanEnd = Partial<Pick<SpanCompleted, "attributes" | "duration_ms">>;

/**
 * Publishes the beginning of a span inside of what `outer` stands for.
 *
 * @param again Where the span is that goes on, after it waited.
 */
export function startSpan(
  outer: Run,
  name: string,
  kind: string,
  attributes: Readonly<Record<string, unknown>>,
  again?: Pick<SpanStarted, "span_id" | "parent_span_id">,
): OpenSpan {
  const place = again ?? { span_id: randomHex(16), parent_span_id: outer.spanId };
  const pair = { ...place, name, kind };
  outer.emit("span.started", { ...pair, attributes, ...again && { resumed: true } });
  const start = performance.now();
  return {
    id: pair.span_id,
    complete(success, error, more) {
      const duration = performance.now() - start;
      outer.emit("span.completed", { ...pair, success, duration_ms: duration, error, ...more });
    },
  };
}

/**
 * Runs `fn` inside a span whose beginning and end are events of their own, such as those of a tool call. Spans
 * inside it know it as their parent.
 *
 * @returns What `fn` returns.
 * @throws {TypeError} If `run` is not a run, `spanId` not a non-empty string, or `fn` not a function.
 */
export function enterSpan<R>(run: Run, spanId: string, fn: (run: Run) => R): R {
  const owner = "enterSpan()";
  checkRun(`${owner}: expected`, run);
  if (typeof spanId !== "string" || spanId === "") {
    throw new TypeError(`${owner}: the span's id must be a string, got ${describe(spanId)}`);
  }
  if (typeof fn !== "function") {
    throw new TypeError(`${owner}: expected a function, got ${describe(fn)}`);
  }
  const inner = run.inSpan(spanId);
  return withinRun(inner, () => fn(inner));
}
