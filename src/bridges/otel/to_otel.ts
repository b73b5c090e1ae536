import {
  type Attributes,
  type Context,
  type Meter,
  ROOT_CONTEXT,
  type Tracer,
} from "@opentelemetry/api";
import type { Listening } from "../../consumers/listening.ts";
import type { AnyBus, EventSelect } from "../../core/bus/bus.ts";
import { checkBus } from "../../core/checks.ts";
import { checkCount, checkFunction, checkOptions, describe } from "../../core/options.ts";
import { compileSelect } from "../../core/bus/select.ts";
import { createConsoleReporter } from "../../core/bus/event_bus_options.ts";
import { defaultRedactor } from "../../redaction/default_redactor.ts";
import type { Redactor } from "../../redaction/redactor.ts";
import { dropRejection } from "../../runtime/promise_like.ts";
import { CONVENTIONS, type GenAiConventions, schemaUrlOf } from "./gen_ai.ts";
import { registeredMeter, registeredTracer } from "./registered.ts";
import { RunMetrics } from "./run_metrics.ts";
import { RunTraces } from "./run_traces.ts";

/** Options of {@linkcode toOtel}. */
export interface ToOtelOptions {
  /** Makes the spans. @default {the tracer `@locus/core` of the provider registered when a span is made} */
  tracer?: Tracer;
  /** Makes the metrics. @default {the meter `@locus/core` of the provider registered at the first event} */
  meter?: Meter;
  /**
   * Only these event types, as `EventSelect` says. Leave in both events of a pair, or its spans have no end.
   *
   * @default {all}
   */
  select?: EventSelect;
  /**
   * Also record what people, models and tools wrote: previews, questions, the payloads of your own events.
   * Secrets are taken out of it, but it may be private.
   *
   * @default {false}
   */
  recordContent?: boolean;
  /**
   * The version of OpenTelemetry's conventions whose names are used. Both are pinned: a later version of this package may
   * add others, and does not change what these say.
   *
   * @default {"1.37.0"}
   */
  conventions?: GenAiConventions;
  /** What is secret. @default {known secrets} */
  redactor?: Redactor;
  /**
   * What is known of a run beside its events, for all of its spans: `gen_ai.request.model`,
   * `gen_ai.provider.name`, `user.id`. The first two go with the metrics, too.
   *
   * @default {nothing}
   */
  attributes?: (runId: string) => Attributes | undefined;
  /** The context that a run belongs to, such as that of the request which started it. @default {none} */
  parent?: (runId: string) => Context | undefined;
  /** Runs that are traced at the same time; past that, the one that was quiet for longest ends. @default {200} */
  maxRuns?: number;
  /** Told what went wrong here; the bus and its runs go on. @default {a handler that prints to the console} */
  onError?: (error: Error) => void;
}

/**
 * Makes a trace of every run of a bus, and metrics of all.
 *
 * - **Spans:** the run; model calls (`chat`); tools (`execute_tool`); specialists and subagents
 *   (`invoke_agent`); your own `withSpan()`; nodes, stages, queries and all other pairs of the catalogue. With
 *   the events' times, their place in each other, and how they ended.
 * - **The rest** of the events is on the span in which it happened, gaps included.
 * - **Spans that are made inside** of a tool or `withSpan()`, such as those of instrumented libraries, are below its
 *   span, where a context manager is registered and the work is done in this process.
 * - **Content** (what people, models and tools wrote; whole prompts, where the run has `content: true`) only with
 *   `recordContent`. Always: names, ids, kinds, counts, durations, and errors with secrets taken out.
 * - **End:** a run's trace ends when the run is closed, forgotten by the bus, or makes room for another. What
 *   was not over by then says `locus.incomplete`.
 * - **Stopping:** what was published before is in its spans when `done` resolves, and all of them are ended;
 *   then shut the provider down.
 * - **Without an SDK** registered, and without `tracer` and `meter`, nothing is exported: `onError` gets
 *   one error that says so.
 * - **Begin** before the runs: those that are over already are not read.
 *
 * @throws {TypeError} If `bus` is none, or an option is unknown or of the wrong type.
 * @throws {RangeError} If `maxRuns` is not a whole number of at least 1.
 *
 * @example Switch it on
 * ```ts
 * import { EventBus, runContext, withSpan } from "@locus/core";
 * import { toOtel } from "@locus/core/bridges/otel";
 *
 * const bus = new EventBus();
 * const stop = toOtel(bus); // to whatever provider the program has registered
 *
 * await runContext({ runId: "r1", bus }, () => withSpan("quote", async () => {}));
 * bus.closeStream("r1");
 *
 * stop();
 * await stop.done; // now shut the provider down
 * ```
 */
export function toOtel(bus: AnyBus, options: ToOtelOptions = {}): Listening {
  checkBus(`${OWNER}: expected`, bus);
  checkOptions(OWNER, options, OPTION_NAMES);
  const {
    tracer,
    meter,
    recordContent = false,
    conventions = "1.37.0",
    redactor = defaultRedactor(),
    maxRuns = 200,
    onError = createConsoleReporter(),
  } = options;
  if (tracer !== undefined) checkMethod("tracer", tracer, "startSpan", "a tracer");
  if (meter !== undefined) checkMethod("meter", meter, "createHistogram", "a meter");
  checkMethod("redactor", redactor, "data", "a redactor");
  if (typeof recordContent !== "boolean") {
    throw new TypeError(
      `${OWNER}: "recordContent" must be true or false, got ${describe(recordContent)}`,
    );
  }
  if (!CONVENTIONS.includes(conventions)) {
    const versions = CONVENTIONS.join(" or ");
    throw new TypeError(
      `${OWNER}: "conventions" must be ${versions}, got ${describe(conventions)}`,
    );
  }
  for (const name of ["attributes", "parent", "onError"] as const) {
    checkFunction(OWNER, name, options[name]);
  }
  compileSelect(OWNER, options.select);
  let runMetrics: RunMetrics | undefined;
  const traces = new RunTraces(bus, {
    settings: {
      tracer: tracer ?? registeredTracer(
        SCOPE,
        schemaUrlOf(conventions),
        () => dropRejection(onError(new Error(NO_SDK))),
      ),
      get metrics() {
        return runMetrics ??= new RunMetrics(meter ?? registeredMeter(SCOPE), conventions);
      },
      recordContent,
      conventions,
      redactor,
    },
    surroundings: (runId) => ({
      parent: options.parent?.(runId) ?? ROOT_CONTEXT,
      attributes: options.attributes?.(runId) ?? {},
    }),
    select: options.select,
    maxRuns: checkCount(OWNER, "maxRuns", maxRuns, 1),
    onError,
  });
  const stop = () => traces.stop();
  return Object.assign(stop, { done: traces.done, [Symbol.dispose]: stop });
}

const OWNER = "toOtel()";
const SCOPE = "@locus/core";
const NO_SDK =
  `${OWNER}: no OpenTelemetry SDK is registered, so nothing is exported; register one ` +
  'before the first run, or give "tracer" and "meter"';

const OPTION_NAMES: readonly string[] = Object.keys(
  {
    tracer: 0,
    meter: 0,
    select: 0,
    recordContent: 0,
    conventions: 0,
    redactor: 0,
    attributes: 0,
    parent: 0,
    maxRuns: 0,
    onError: 0,
  } satisfies Record<keyof ToOtelOptions, 0>,
);

function checkMethod(name: string, value: unknown, method: string, what: string): void {
  if (typeof (value as Record<string, unknown> | null)?.[method] !== "function") {
    throw new TypeError(`${OWNER}: "${name}" must be ${what}, got ${describe(value)}`);
  }
}
