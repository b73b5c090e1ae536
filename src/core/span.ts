import { Snapshot } from "../runtime/async_context.ts";
import { isPromiseLike } from "../runtime/promise_like.ts";
import { describe, readCall } from "./options.ts";
import { randomHex } from "./random_hex.ts";
import type { Run } from "./run_context.ts";
import { shared } from "./shared.ts";

/** A piece of work that is being watched. */
export interface Span {
  /** 8 hexadecimal digits. */
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
 * - **End:** when `fn` returns, when the promise it returns is settled, or when the generator it returns is
 *   finished or left. It comes also when `fn` throws or is aborted; the error is passed on.
 * - **Outside of a run** it only calls `fn`, with undefined.
 *
 * @returns What `fn` returns; a generator is wrapped, so that its steps run inside the span.
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
  const [options, fn] = readCall<SpanOptions, (span: Span | undefined) => R>(
    "withSpan()",
    optionsOrFn,
    maybeFn,
    ["attributes", "run"],
  );
  const outer = options.run ?? shared.run.get();
  if (outer === undefined) return fn(undefined);
  const id = randomHex(8);
  const run = outer.inSpan(id);
  const pair = { span_id: id, parent_span_id: outer.spanId, name: String(name) };
  outer.emit("span.started", { ...pair, attributes: options.attributes ?? {} });
  const start = performance.now();
  const end = (error?: unknown, failed = false) =>
    outer.emit("span.completed", {
      ...pair,
      success: !failed,
      duration_ms: performance.now() - start,
      error: failed ? summarize(error) : null,
    });
  return shared.run.run(run, () => follow(() => fn({ id, parentId: outer.spanId, run }), end));
}

/**
 * Runs `fn` inside a span whose beginning and end are events of their own, such as those of a tool call. Spans
 * inside it know it as their parent. If it is itself inside another span, `span.linked` says so.
 *
 * @returns What `fn` returns.
 */
export function enterSpan<R>(run: Run, spanId: string, fn: (run: Run) => R): R {
  if (run.spanId !== null) {
    run.emit("span.linked", { span_id: spanId, parent_span_id: run.spanId });
  }
  const inner = run.inSpan(spanId);
  return shared.run.run(inner, fn, inner);
}

type End = (error?: unknown, failed?: boolean) => void;

/** Calls `fn`, and `end` when what it returns is over. */
function follow<R>(fn: () => R, end: End): R {
  const fail = (error: unknown): never => {
    end(error, true);
    throw error;
  };
  let result: R;
  try {
    result = fn();
  } catch (error) {
    return fail(error);
  }
  if (isPromiseLike(result)) {
    return Promise.resolve(result).then((value) => {
      end();
      return value;
    }, fail) as R;
  }
  if (isIterator(result)) return followIterator(result, end) as R;
  end();
  return result;
}

type Step = IteratorResult<unknown> | PromiseLike<IteratorResult<unknown>>;

/** A sync or async iterator; which of them it is shows in what its steps return. */
interface AnyIterator {
  next(value?: unknown): Step;
  return?(value?: unknown): Step;
  throw?(value?: unknown): Step;
}

/**
 * Steps a generator inside the context of now, because it runs in that of whoever asks. One step after the
 * other: some runtimes resume a step that was queued in no context at all.
 */
function followIterator(iterator: AnyIterator, end: End): AnyIterator {
  const context = new Snapshot();
  let isOver = false;
  let last: PromiseLike<unknown> | undefined;
  const finish: End = (error, failed) => {
    if (!isOver) end(error, failed);
    isOver = true;
  };
  const settle = (result: IteratorResult<unknown>): IteratorResult<unknown> => {
    if (result.done) finish();
    return result;
  };
  const fail = (error: unknown): never => {
    finish(error, true);
    throw error;
  };
  const stepBy = (call: ((value?: unknown) => Step) | undefined) => {
    const step = (value?: unknown): Step => {
      // An iterator without `return` has nothing to clean up.
      if (call === undefined) return settle({ value, done: true });
      try {
        const result: Step = context.run(() => call.call(iterator, value));
        return isPromiseLike(result) ? result.then(settle, fail) : settle(result);
      } catch (error) {
        return fail(error);
      }
    };
    return (value?: unknown): Step => {
      const next = () => step(value);
      const result = last === undefined ? next() : last.then(next, next);
      if (isPromiseLike(result)) last = result;
      return result;
    };
  };
  const wrapped = {
    next: stepBy(iterator.next),
    return: stepBy(iterator.return),
    throw: stepBy(iterator.throw),
  };
  const itself = Symbol.asyncIterator in iterator ? Symbol.asyncIterator : Symbol.iterator;
  return Object.assign(wrapped, { [itself]: () => wrapped });
}

function isIterator(value: unknown): value is AnyIterator {
  return typeof (value as AnyIterator | null | undefined)?.next === "function";
}

/** What may be said of an error: its name, and the first line of its message. */
function summarize(error: unknown): string {
  if (!(error instanceof Error)) return describe(error);
  return `${error.name}: ${error.message.split("\n", 1)[0]!.slice(0, 240)}`;
}
