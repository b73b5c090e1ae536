import { checkOptions, describe } from "../core/options.ts";
import { currentRun, type Run } from "../core/run/run_context.ts";
import { isRunId } from "../events/identifiers.ts";
import { isSpanId, RUN, SPAN, TRACEPARENT } from "./read_run_headers.ts";
import { formatTraceparent, traceOf } from "./trace_context.ts";

/** Options of {@linkcode runHeaders}. */
export interface RunHeadersOptions {
  /** The run to name, where no context reaches. @default {the current run} */
  run?: Run;
}

/**
 * The headers that make a request or a message part of the current run, and of the span around the call:
 * `locus-run`, `locus-span` and `traceparent`.
 *
 * - **Outside of a run** there are none.
 * - **Trust:** the server that gets them knows the run's id, and can write into the run if it is accepted. Send them to your
 *   own services only.
 * - **`traceparent`** is that of `traceOf()`. With OpenTelemetry, let its own come after, which replaces it:
 *   `propagation.inject(context.active(), headers)`.
 * - **The object is new** at each call, and yours.
 *
 * @throws {TypeError} If an option is unknown, or `run` is not a run.
 * @throws {Error} If this runtime has no async context (browsers) while a run context is active: hand `run` in.
 *
 * @example Call a service in the name of a run
 * ```ts
 * import { runContext } from "@locus/core";
 * import { runHeaders } from "@locus/core/propagation";
 * import { assertEquals } from "@std/assert";
 *
 * const request = runContext({ runId: "order-42" }, () =>
 *   new Request("http://kitchen.example/cook", { method: "POST", headers: runHeaders() }));
 * assertEquals(request.headers.get("locus-run"), "order-42");
 * assertEquals(runHeaders(), {});
 * ```
 */
export function runHeaders(options: RunHeadersOptions = {}): Record<string, string> {
  checkOptions("runHeaders()", options, ["run"]);
  const run = options.run === undefined ? currentRun() : checkRun(options.run);
  if (run === undefined) return {};
  const { id, spanId } = run;
  return {
    [RUN]: id,
    // Spans of other making may have ids that no header can carry.
    ...isSpanId(spanId) ? { [SPAN]: spanId } : {},
    [TRACEPARENT]: formatTraceparent(traceOf(id, spanId)),
  };
}

function checkRun(run: Run): Run {
  if (isRunId((run as Partial<Run> | null)?.id)) return run;
  throw new TypeError(`runHeaders(): "run" must be a run handle, got ${describe(run)}`);
}
