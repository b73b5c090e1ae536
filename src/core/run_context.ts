import type { EventName, EventPayload } from "../events/stream_event.ts";
import { hasAsyncContext } from "../runtime/async_context.ts";
import type { Bus, RunWriter } from "./bus.ts";
import { checkRunId } from "./checks.ts";
import { describe, readCall } from "./options.ts";
import { randomHex } from "./random_hex.ts";
import { getEventBus, shared } from "./shared.ts";

/** A run that is being watched: its id, and a way to publish to it from anywhere. */
export interface Run {
  /** The run's id; every event carries it as `run_id`. */
  readonly id: string;
  /** The bus that this run is published to. */
  readonly bus: Bus;
  /** The span that this handle is inside of; null at the top of the run. */
  readonly spanId: string | null;
  /** The same run, as seen from inside a span. */
  inSpan(spanId: string): Run;
  /**
   * Publishes to this run, where no context reaches: callbacks, other threads' messages, browsers.
   * Never throws and never waits.
   */
  emit<T extends string>(eventType: EventName<T>, data: EventPayload<T>): void;
}

/** Options of {@linkcode runContext}. */
export interface RunContextOptions {
  /** The run's id: {@linkcode isRunId}. @default {32 random hexadecimal digits} */
  runId?: string;
  /** The bus to publish to. @default {the default bus, at the first event} */
  bus?: Bus;
}

/**
 * Makes everything that `fn` does, however deep and however late, part of one run: each
 * {@linkcode emit} below it carries the run's id.
 *
 * - **Closing:** the run stays open; end it with `bus.closeStream(run.id)` when your own work is over.
 * - **Nesting:** the inner run holds inside, the outer one again after it.
 * - **Browsers** have no async context: use the handle, `run.emit(…)`.
 *
 * @returns What `fn` returns.
 * @throws {TypeError} If an option is unknown, or `runId` cannot name a run.
 *
 * @example Watch a run
 * ```ts
 * import { emit, getEventBus, runContext } from "@locus/core";
 * import { assertEquals } from "@std/assert";
 *
 * await runContext({ runId: "order-42" }, async () => {
 *   emit("shop.paid", { amount: 10 });
 * });
 * getEventBus().closeStream("order-42");
 *
 * for await (const event of getEventBus().subscribe("order-42")) {
 *   assertEquals(event.run_id, "order-42");
 * }
 * ```
 */
export function runContext<R>(fn: (run: Run) => R): R;
/** The same, with a run id or a bus of your choice. */
export function runContext<R>(options: RunContextOptions, fn: (run: Run) => R): R;
export function runContext<R>(
  optionsOrFn: RunContextOptions | ((run: Run) => R),
  maybeFn?: (run: Run) => R,
): R {
  const owner = "runContext()";
  const [options, fn] = readCall<RunContextOptions, (run: Run) => R>(owner, optionsOrFn, maybeFn, [
    "runId",
    "bus",
  ]);
  const { runId = randomHex(32), bus } = options;
  checkRunId(owner, runId);
  if (bus !== undefined && typeof (bus as Partial<Bus> | null)?.writer !== "function") {
    throw new TypeError(`${owner}: "bus" must be an event bus, got ${describe(bus)}`);
  }
  const run = new BusRun(runId, bus);
  return shared.run.run(run, fn, run);
}

/**
 * The id of the run that this code is part of, or undefined outside of any.
 *
 * @throws {Error} If this runtime has no async context (browsers) while a run context is active.
 */
export function currentRunId(): string | undefined {
  return shared.run.get()?.id;
}

/**
 * The run that this code is part of, or undefined outside of any. Capture it synchronously where your
 * API is called: inside callbacks and stream sources the answer depends on the runtime.
 *
 * @throws {Error} If this runtime has no async context (browsers) while a run context is active.
 */
export function currentRun(): Run | undefined {
  return shared.run.get();
}

/**
 * The run that this code is part of, for a library's own entry points: undefined also where this runtime
 * cannot know, because there the caller hands the run in.
 */
export function ambientRun(): Run | undefined {
  return hasAsyncContext() ? shared.run.get() : undefined;
}

/** Calls `fn` as a part of a run, in the span that the handle stands for. */
export function withinRun<R>(run: Run, fn: () => R): R {
  return shared.run.run(run, fn);
}

class BusRun implements Run {
  readonly id: string;
  readonly spanId: string | null;
  #bus: Bus | undefined;
  #writer: RunWriter | undefined;

  constructor(id: string, bus: Bus | undefined, spanId: string | null = null) {
    this.id = id;
    this.#bus = bus;
    this.spanId = spanId;
  }

  get bus(): Bus {
    return this.#bus ??= getEventBus();
  }

  inSpan(spanId: string): Run {
    return new BusRun(this.id, this.#bus, spanId);
  }

  emit<T extends string>(eventType: EventName<T>, data: EventPayload<T>): void {
    try {
      (this.#writer ??= this.bus.writer(this.id)).write(eventType, data);
    } catch (error) {
      // Our bus does not throw; somebody else's must not be able to break the run it watches.
      console.error(`Locus: the bus failed to take an event: ${describe(error)}`);
    }
  }
}
