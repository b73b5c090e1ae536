import type { NoEvents } from "../../events/stream_event.ts";
import type { Events } from "../../events/own_events.ts";
import type { AnyBus } from "../bus/bus.ts";
import { clip, copyPayload } from "../copy_payload.ts";
import { preview } from "../error_text.ts";
import { checkEvents, checkRecord, checkRun, checkText } from "../checks.ts";
import { checkFunction, readCall } from "../options.ts";
import {
  ambientRun,
  type AnyRun,
  createRun,
  findOpen,
  type Run,
  type RunContextOptions,
  sayContent,
  withinRun,
} from "./run_context.ts";
import { endingScope } from "./run_scope.ts";
import { startSpan, withSpan } from "./span.ts";

/** Options of {@linkcode withRun}. */
export interface RunOptions<E extends object = NoEvents> extends RunContextOptions<E> {
  /** What the run is, in a few words for people. */
  name?: string;
  /** The run that this one is a child of. @default {the current run, if there is one} */
  parent?: AnyRun;
  /** What the run was asked, as a text that may be shown. Events carry its start. */
  input?: string;
  /** What to filter runs by: at most 16. */
  tags?: Readonly<Record<string, string>>;
  /** Anything else that is known at the beginning, up to 2 kB. */
  metadata?: Readonly<Record<string, unknown>>;
  /** Event types of your own: the run that `fn` gets is typed by them. */
  events?: Events<E>;
}

/** Options of {@linkcode startRun}. */
export interface StartRunOptions<E extends object = NoEvents> extends RunOptions<E> {
  /** Called when the work fails. @default {prints the error} */
  onError?: (error: unknown) => void;
}

/** A run in the background. */
export interface StartedRun<R, E extends object = NoEvents> extends Run<E> {
  /** What the work came to. You need not handle it: a failure is reported anyway. */
  readonly result: Promise<Awaited<R>>;
}

/**
 * Runs `fn` as a run with a beginning and an end: publishes `run.started`, and when what `fn` returns is over,
 * `run.completed`, and closes the run.
 *
 * - **End:** before the caller goes on. A returned promise, iterator or stream is followed to its end; for anything
 *   else, such as a `Response` whose body is still being read, use `run.waitUntil(…)`.
 * - **Errors** are rethrown to the caller, and the run completes as `error`; after an abort, or if the consumer of
 *   an iterator left, as `cancelled`.
 * - **Waiting:** after `run.setOutcome("waiting")` the run stays open. Call `withRun({ runId })` to go on.
 * - **Nesting:** inside another run it is a child, and a span in the parent shows where. With the id of the run that
 *   it is inside of, it is only a span, and ends nothing.
 *
 * @returns What `fn` returns.
 * @throws {TypeError} If an option is unknown or not valid. Otherwise what `fn` throws.
 *
 * @example Watch one piece of work
 * ```ts
 * import { emit, EventBus, withRun } from "@locus/core";
 * import { assertEquals } from "@std/assert";
 *
 * const bus = new EventBus();
 * await withRun({ runId: "order-42", name: "Refund order 42", bus }, async () => {
 *   emit("shop.refunded", { amount: 10 });
 * });
 *
 * const types = [];
 * for await (const event of bus.subscribe("order-42")) types.push(event.event_type as string);
 * assertEquals(types, ["run.started", "shop.refunded", "run.completed"]);
 * ```
 */
export function withRun<R>(fn: (run: Run) => R): R;
/** The same, with options. */
export function withRun<R, E extends object = NoEvents>(
  options: RunOptions<E>,
  fn: (run: Run<E>) => R,
): R;
export function withRun<R>(
  optionsOrFn: RunOptions | ((run: Run) => R),
  maybeFn?: (run: Run) => R,
): R {
  const owner = "withRun()";
  return open(owner, ...readCall(owner, optionsOrFn, maybeFn, RUN_OPTIONS))[1];
}

/**
 * Starts a run in the background, by the rules of {@linkcode withRun}, and returns it at once.
 *
 * A failure ends the run and is passed to `onError`. It is never an unhandled rejection.
 *
 * @throws {TypeError} If an option is unknown or not valid.
 *
 * @example Answer before the work is done
 * ```ts
 * import { EventBus, startRun } from "@locus/core";
 * import { assertEquals } from "@std/assert";
 *
 * const bus = new EventBus();
 * const run = startRun({ name: "Cook", bus, onError() {} }, async () => {
 *   await Promise.reject(new Error("No gas"));
 * });
 *
 * for await (const { event_type, data } of bus.subscribe(run.id)) {
 *   if (event_type === "run.completed") assertEquals(data.error, "Error: No gas");
 * }
 * ```
 */
export function startRun<R>(fn: (run: Run) => R): StartedRun<R>;
/** The same, with options. */
export function startRun<R, E extends object = NoEvents>(
  options: StartRunOptions<E>,
  fn: (run: Run<E>) => R,
): StartedRun<R, E>;
export function startRun<R>(
  optionsOrFn: StartRunOptions | ((run: Run) => R),
  maybeFn?: (run: Run) => R,
): StartedRun<R> {
  const owner = "startRun()";
  const [options, fn] = readCall<StartRunOptions, (run: Run) => R>(owner, optionsOrFn, maybeFn, [
    ...RUN_OPTIONS,
    "onError",
  ]);
  checkFunction(owner, "onError", options.onError);
  const [run, result, report] = open(
    owner,
    options,
    async (run): Promise<Awaited<R>> => await fn(run),
  );
  result.catch(report);
  return Object.assign(run, { result });
}

const RUN_OPTIONS = [
  "runId",
  "bus",
  "parent",
  "name",
  "input",
  "tags",
  "metadata",
  "content",
  "events",
];

/** Opens a run: its handle, what `fn` returns, and what takes an error that no caller gets. */
function open<R>(
  owner: string,
  options: StartRunOptions,
  fn: (run: Run) => R,
): [run: Run, result: R, report: (error: unknown) => void] {
  const { runId, name, input = "", tags = {}, metadata = {}, content, onError } = options;
  if (name !== undefined) checkText(owner, "name", name);
  checkText(owner, "input", input);
  checkRecord(owner, "tags", tags);
  checkRecord(owner, "metadata", metadata);
  if (options.parent !== undefined) checkRun(`${owner}: "parent" must be`, options.parent);
  checkEvents(owner, options.events);
  const parent = findOpen(options.parent ?? ambientRun());
  const { bus = parent?.bus } = options;
  const spanName = name ?? "run";

  const print = (error: unknown) => console.error(`Locus: run "${run.id}" failed:`, error);
  const report = (error: unknown) =>
    void Promise.reject(error).catch(onError ?? print).catch(print);
  const scope = endingScope(report, (outcome, error) => {
    run.emit("run.completed", { outcome, error, duration_ms: performance.now() - start });
    span?.complete(outcome === "ok" || outcome === "waiting", error);
    // What was started here may go on for ever. It must not hold all that was around it.
    scope.outer = undefined;
    if (outcome !== "waiting") return run.bus.closeStream(run.id);
    const ids = waiting.get(run.bus) ?? new Set();
    waiting.set(run.bus, ids.add(run.id));
    if (ids.size > 1000) ids.delete(ids.values().next().value!);
  });
  const run = createRun(owner, { runId, bus, content }, parent, scope);

  let inside = findOpen(parent, run.id);
  if (inside !== undefined && inside.bus === bus) {
    const at = sayContent(inside, content);
    const result = withSpan(spanName, { run: at }, (span) => fn(inside = span!.run));
    return [inside, result, report];
  }

  const span = parent && startSpan(parent, spanName, "run", { run_id: run.id });
  scope.outer = span && parent.inSpan(span.id);
  run.emit("run.started", {
    name: name === undefined ? null : clip(name, 200),
    parent_run_id: parent?.id ?? null,
    parent_span_id: span?.id ?? null,
    input_preview: preview(input),
    tags: Object.fromEntries(
      Object.entries(tags).slice(0, 16).map((
        [key, value],
      ) => [clip(key, 64), clip(`${value}`, 256)]),
    ),
    // In the units of the bus, two a character.
    metadata: copyPayload(metadata, 4096).data,
    ...waiting.get(run.bus)?.delete(run.id) && { resumed: true },
  });
  const start = performance.now();
  return [run, withinRun(run, () => fn(run), scope.finish), report];
}

/** The runs that wait, by their bus: the newest of them. */
const waiting = /* @__PURE__ */ new WeakMap<AnyBus, Set<string>>();
