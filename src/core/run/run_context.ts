import type { NoEvents } from "../../events/stream_event.ts";
import type { AnyEvents, Events } from "../../events/own_events.ts";
import { captureSnapshot, hasAsyncContext } from "../../runtime/async_context.ts";
import { environmentVariable } from "../../runtime/environment.ts";
import { follow } from "../../runtime/follow/follow.ts";
import type { End } from "../../runtime/follow/followed.ts";
import type { Bus, RunWriter } from "../bus/bus.ts";
import { checkBus, checkEvents, checkFlag, checkRunId, WRITING } from "../checks.ts";
import { enterThrough } from "./entries.ts";
import { summarize } from "../error_text.ts";
import { readCall } from "../options.ts";
import { randomHex } from "../random_hex.ts";
import { endlessScope, type RunScope } from "./run_scope.ts";
import type { AnyRun, Run } from "./run.ts";
import { getEventBus, shared } from "./shared.ts";

export type { AnyRun, Run } from "./run.ts";

/** Options of {@linkcode runContext}. */
export interface RunContextOptions<E extends object = NoEvents> {
  /** The run's id: {@linkcode isRunId}. @default {32 random hexadecimal digits} */
  runId?: string;
  /** The bus to publish to. @default {the default bus, at the first event} */
  bus?: Bus<E>;
  /**
   * Whether what goes in and comes out is published as well: prompts, answers, arguments, results.
   *
   * @default {as the run around it says, else the bus, else the process: `LOCUS_CAPTURE_CONTENT=true`}
   */
  content?: boolean;
}

/**
 * Makes everything that `fn` does, however deep and however late, part of one run: each
 * {@linkcode emit} below it carries the run's id.
 *
 * - **Closing:** the run stays open; end it with `bus.closeStream(run.id)`, or use `withRun()`, which does.
 * - **Later:** the steps of an iterator that `fn` returns are part of the run, wherever they are asked for.
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
export function runContext<R, E extends object = NoEvents>(
  options: RunContextOptions<E>,
  fn: (run: Run<E>) => R,
): R;
export function runContext<R>(
  optionsOrFn: RunContextOptions | ((run: Run) => R),
  maybeFn?: (run: Run) => R,
): R {
  const owner = "runContext()";
  const [options, fn] = readCall<RunContextOptions, (run: Run) => R>(owner, optionsOrFn, maybeFn, [
    "runId",
    "bus",
    "content",
  ]);
  const run = createRun(owner, options, shared.hasSaid ? ambientRun() : undefined);
  return withinRun(run, () => fn(run));
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
export function currentRun(): Run | undefined;
/** The same run, typed by your own event types. */
export function currentRun<E extends object>(events: Events<E>): Run<E> | undefined;
export function currentRun(events?: AnyEvents): AnyRun | undefined {
  checkEvents("currentRun()", events);
  return shared.run.get();
}

/**
 * The run that this code is part of, for a library's own entry points: undefined also where this runtime
 * cannot know, because there the caller hands the run in.
 */
export function ambientRun(): Run | undefined {
  return hasAsyncContext() ? shared.run.get() : undefined;
}

/**
 * Calls `fn` as a part of a run, in the span that the handle stands for, and `end` when what it returns is over.
 */
export function withinRun<R>(run: Run, fn: () => R, end: End = () => {}): R {
  return inPlaceOf(run, () => follow(fn, captureSnapshot, end));
}

/** Calls `fn` in the span that the handle stands for. What it returns, such as a stream, is not followed. */
export function inPlaceOf<R>(run: Run, fn: () => R): R {
  return enterThrough(run, () => shared.run.run(run, fn));
}

/**
 * Makes a run.
 *
 * @param outer What it is inside of.
 * @throws {TypeError} If an option is not valid.
 */
export function createRun(
  owner: string,
  options: RunContextOptions,
  outer: Run | undefined,
  scope: RunScope = endlessScope(),
): Run {
  const { runId = randomHex(32), bus, content } = options;
  checkRunId(owner, runId);
  checkFlag(owner, "content", content);
  if (bus !== undefined) checkBus(`${owner}: "bus" must be`, bus, WRITING);
  return new BusRun(runId, bus, scope, null, content ?? BusRun.saidBy(outer));
}

/**
 * The innermost run around `run`, itself included, that is not over; with an id, the one of that id.
 *
 * @returns Its handle, in the place where `run` is.
 */
export function findOpen(run: Run | undefined, id?: string): Run | undefined {
  let at = run;
  while (at !== undefined) {
    const scope = BusRun.scopeOf(at);
    if ((id === undefined || at.id === id) && !scope?.isOver) break;
    at = scope?.outer;
  }
  return at;
}

/** What all handles of a run have in common, to keep something by. */
export function scopeOf(run: Run): object {
  return BusRun.scopeOf(run) ?? run;
}

/** The same handle, with something else said of content; undefined for what was said before. */
export function sayContent(run: Run, content: boolean | undefined): Run {
  return content === undefined ? run : BusRun.saying(run, content);
}

class BusRun implements Run {
  readonly id: string;
  readonly spanId: string | null;
  readonly #scope: RunScope;
  // What this run, or one around it, says of content; undefined if none does.
  readonly #content: boolean | undefined;
  #bus: Bus | undefined;
  #writer: RunWriter | undefined;
  #emit: Run["emit"] | undefined;

  constructor(
    id: string,
    bus: Bus | undefined,
    scope: RunScope,
    spanId: string | null,
    content: boolean | undefined,
  ) {
    this.id = id;
    this.#bus = bus;
    this.#scope = scope;
    this.spanId = spanId;
    this.#content = content;
    if (content !== undefined) shared.hasSaid = true;
  }

  static scopeOf(run: Run): RunScope | undefined {
    return #scope in run ? run.#scope : undefined;
  }

  static saidBy(run: Run | undefined): boolean | undefined {
    return run && #content in run ? run.#content : run?.content;
  }

  static saying(run: Run, content: boolean): Run {
    return #scope in run ? run.#copy(run.spanId, content) : run;
  }

  get content(): boolean {
    // Reading this must not create the default bus.
    return this.#content ?? (this.#bus ?? shared.bus)?.content ?? processCaptures();
  }

  get bus(): Bus {
    return this.#bus ??= getEventBus();
  }

  get inSpan(): Run["inSpan"] {
    return (spanId) => this.#copy(spanId, this.#content);
  }

  #copy(spanId: string | null, content: boolean | undefined): Run {
    const copy = new BusRun(this.id, this.#bus, this.#scope, spanId, content);
    copy.#writer = this.#writer;
    return copy;
  }

  // The methods are values, because `({ emit }) => emit(…)` is how many write it. Only what is used is made.
  get emit(): Run["emit"] {
    return this.#emit ??= (eventType, data) => {
      try {
        (this.#writer ??= this.bus.writer(this.id)).write(eventType, data);
      } catch (error) {
        // EventBus does not throw. Another bus must not break the run that it observes.
        console.error(`Locus: the bus failed to take an event: ${summarize(error)}`);
      }
    };
  }

  get waitUntil(): Run["waitUntil"] {
    return (work) => this.#scope.waitUntil(work);
  }

  get onEnd(): Run["onEnd"] {
    return (fn) => this.#scope.onEnd(fn);
  }

  get setOutcome(): Run["setOutcome"] {
    return (outcome, error) => this.#scope.setOutcome(outcome, error);
  }
}

let captures: boolean | undefined;

function processCaptures(): boolean {
  return captures ??= environmentVariable("LOCUS_CAPTURE_CONTENT") === "true";
}
