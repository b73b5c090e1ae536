import type { AnyBus } from "../core/bus/bus.ts";
import { checkBus, WRITING } from "../core/checks.ts";
import { checkFunction, describe, readCall } from "../core/options.ts";
import { type Run, runContext, withinRun } from "../core/run/run_context.ts";
import type { HeaderSource } from "./header_values.ts";
import { type IncomingRun, readHeaders, RUN } from "./read_run_headers.ts";

/** Options of {@linkcode runContextFrom}. */
export interface RunContextFromOptions {
  /**
   * Whether the sender may write into that run. It must answer true or false at once; what it throws is passed
   * on, so it can also refuse the whole request.
   *
   * @default {every run that the headers can name}
   */
  accept?: (runId: string) => boolean;
  /** The bus to publish to: one that the caller's process has part in. @default {the default bus} */
  bus?: AnyBus;
}

/**
 * Makes `fn`, however deep and however late, part of the run that the headers of a request or a message name:
 * what it emits is the caller's, and its spans are inside the caller's span.
 *
 * - **Without a run** in the headers, and with one that `accept` refuses, `fn` is called as it stands, with
 *   undefined. The second argument says what the headers held.
 * - **Authority:** a client that can set the headers can write into the run. Take them from your own services only, or
 *   decide with `accept`.
 * - **Closing** the run is the caller's, who began it.
 * - **Foreign input never throws:** see `readRunHeaders()`.
 * - **Browsers** have no async context: use the handle, `run.emit(…)`.
 *
 * @returns What `fn` returns.
 * @throws {TypeError} If `headers` is not an object, an option is unknown or of the wrong type, or `accept` answers
 * neither true nor false. Otherwise what `accept` and `fn` throw.
 *
 * @example Work in the caller's run
 * ```ts
 * import { EventBus, runContext, withSpan } from "@locus/core";
 * import { runContextFrom, runHeaders } from "@locus/core/propagation";
 * import { assertEquals } from "@std/assert";
 *
 * const bus = new EventBus();
 * await runContext({ runId: "order-42", bus }, () =>
 *   withSpan("order", () => cook(new Request("http://kitchen.example/", { headers: runHeaders() }))));
 *
 * // The other service; its bus is the same over Redis or NATS.
 * function cook(request: Request): Promise<string> {
 *   const accept = (runId: string) => runId.startsWith("order-");
 *   return runContextFrom(request.headers, { bus, accept }, () => withSpan("cook", async () => "done"));
 * }
 *
 * const [order, dish] = bus.history("span.started").toReversed();
 * assertEquals([dish?.run_id, dish?.data.parent_span_id], ["order-42", order?.data.span_id]);
 * ```
 */
export function runContextFrom<R>(
  headers: HeaderSource,
  fn: (run: Run | undefined, incoming: IncomingRun) => R,
): R;
/** The same, with a bus of your choice, or a decision on who may write into which run. */
export function runContextFrom<R>(
  headers: HeaderSource,
  options: RunContextFromOptions,
  fn: (run: Run | undefined, incoming: IncomingRun) => R,
): R;
export function runContextFrom<R>(
  headers: HeaderSource,
  optionsOrFn: RunContextFromOptions | Work<R>,
  maybeFn?: Work<R>,
): R {
  const known = ["accept", "bus"];
  const [options, fn] = readCall<RunContextFromOptions, Work<R>>(
    OWNER,
    optionsOrFn,
    maybeFn,
    known,
  );
  const { accept, bus } = options;
  checkFunction(OWNER, "accept", accept);
  if (bus !== undefined) checkBus(`${OWNER}: "bus" must be`, bus, WRITING);
  const incoming = readHeaders(OWNER, headers);
  const { runId, spanId } = incoming;
  if (runId === null) return fn(undefined, incoming);
  if (accept !== undefined && !decide(accept, runId)) return fn(undefined, withoutRun(incoming));
  return runContext({ runId, bus }, (top) => {
    if (spanId === null) return fn(top, incoming);
    const run = top.inSpan(spanId);
    return withinRun(run, () => fn(run, incoming));
  });
}

type Work<R> = (run: Run | undefined, incoming: IncomingRun) => R;

const OWNER = "runContextFrom()";

/** A promise would be true, whatever it comes to. */
function decide(accept: (runId: string) => boolean, runId: string): boolean {
  const answer: unknown = accept(runId);
  if (typeof answer === "boolean") return answer;
  throw new TypeError(`${OWNER}: "accept" must return true or false, got ${describe(answer)}`);
}

function withoutRun({ trace, ignored }: IncomingRun): IncomingRun {
  const refused = { header: RUN, reason: "refused" } as const;
  return { runId: null, spanId: null, trace, ignored: [...ignored, refused] };
}
