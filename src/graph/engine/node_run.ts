import { summarize } from "../../core/error_text.ts";
import { canonicalJson } from "../../core/json.ts";
import { abortable, delay } from "../../core/waits.ts";
import { isPromiseLike } from "../../runtime/promise_like.ts";
import type { Definition, NodeDefinition, Values } from "../definition.ts";
import { GraphError } from "../errors.ts";
import type { Outcome, Question } from "../records/record.ts";
import type { NodeSpan } from "./graph_span.ts";
import { completedState, NodeContext, type NodePlace } from "./node_context.ts";
import { gained, readOutcome, sharedFields } from "./outcome.ts";

/** How a task ended: with an outcome, or with questions. */
export type TaskEnd = { readonly outcome: Outcome } | { readonly questions: readonly Question[] };

/** Runs a task to its end, which it also says on the bus. Never throws. */
export async function runTask(
  definition: Definition,
  place: NodePlace,
  state: Values,
  span: NodeSpan,
): Promise<TaskEnd> {
  const { task, session } = place;
  const node = definition.nodes.get(task.node)!;
  const input = task.payload === undefined ? state : Object.freeze({ ...state, ...task.payload });
  let attempts = 1;
  const end = (ended: TaskEnd, cached = false): TaskEnd => {
    const { status, error, update, to }: Omit<Outcome, "status"> & Ended = "outcome" in ended
      ? ended.outcome
      : { status: "interrupted" };
    span.end({ status, error, update, attempts, cached });
    const { node } = task;
    const told = { node, status, error: error ?? null, update: update ?? null };
    session.tell?.({ mode: "nodes", node, status, error: told.error });
    if (status === "completed") session.tell?.({ mode: "updates", node, update: told.update });
    session.tell?.({
      mode: "debug",
      ...told,
      task_id: task.id,
      step: place.step,
      execution: place.execution,
      attempts,
      cached,
      to: to?.map(({ node }) => node) ?? null,
      state: input,
    });
    return ended;
  };
  try {
    if (node.condition?.(input) === false) return end({ outcome: { status: "skipped" } });
    const cache = cacheOf(node, input);
    const cached = cache?.get();
    if (cached !== undefined) return end({ outcome: cached }, true);
    const attempt = async (nth: number): Promise<TaskEnd> => {
      attempts = nth;
      const ctx = new NodeContext(place, nth);
      try {
        const { run } = node;
        const work = () =>
          typeof run === "function"
            ? run(input, ctx)
            : callGraph(definition, run, node, place, ctx, input);
        const returned = await span.within(nth, () => limited(node, place, ctx, work));
        if (ctx.asked !== null) return { questions: ctx.asked };
        const outcome = readOutcome(definition, task.node, returned, session.backend !== null);
        return { outcome: ctx.kept === undefined ? outcome : { ...outcome, kept: ctx.kept } };
      } catch (error) {
        if (ctx.asked !== null) return { questions: ctx.asked };
        ctx.close(error);
        if (!place.signal?.aborted && isRetried(node, error, nth)) {
          const { initialMs = 1000 } = node.retry ?? {};
          await delay(Math.min(initialMs * 2 ** (nth - 1), MAX_WAIT_MS), { signal: place.signal });
          return await attempt(nth + 1);
        }
        if (node.onError === undefined || place.signal?.aborted) throw error;
        return await handle(node, error, nth);
      } finally {
        ctx.close();
      }
    };
    const handle = async (node: NodeDefinition, error: unknown, nth: number): Promise<TaskEnd> => {
      const ctx = new NodeContext(place, nth);
      try {
        const returned = await span.within(
          1,
          () => limited(node, place, ctx, () => node.onError!(error, input, ctx)),
        );
        if (ctx.asked !== null) return { questions: ctx.asked };
        return { outcome: readOutcome(definition, task.node, returned, session.backend !== null) };
      } catch (second) {
        if (ctx.asked !== null) return { questions: ctx.asked };
        throw new GraphError(
          "failed",
          `${summarize(error)}; onError: ${summarize(second)}`,
          second,
        );
      } finally {
        ctx.close();
      }
    };
    const ended = await attempt(1);
    if ("outcome" in ended) cache?.set(ended.outcome);
    return end(ended);
  } catch (error) {
    return end({ outcome: { status: "failed", error: summarize(error) } });
  }
}

interface Ended {
  readonly status: Outcome["status"] | "interrupted";
}

const MAX_WAIT_MS = 60_000;

function isRetried({ retry }: NodeDefinition, error: unknown, nth: number): boolean {
  if (retry === undefined || nth >= (retry.maxAttempts ?? 3)) return false;
  return retry.timeouts === true || !(error instanceof GraphError && error.code === "timeout");
}

/** Calls what is the user's within the node's times, and no longer than until the run is aborted. */
function limited(
  { timeoutMs, idleMs }: NodeDefinition,
  { signal }: NodePlace,
  ctx: NodeContext,
  work: () => unknown,
): unknown {
  const begin = performance.now();
  const returned = work();
  // A function that blocked until it was too late counts as too late.
  if (timeoutMs !== undefined && performance.now() - begin > timeoutMs) {
    if (isPromiseLike(returned)) Promise.resolve(returned).catch(() => {});
    throw timedOut(timeoutMs);
  }
  if (!isPromiseLike(returned)) return returned;
  const timed = timeoutMs === undefined && idleMs === undefined
    ? returned
    : withinTime(returned, ctx, timeoutMs, idleMs);
  return signal === undefined ? timed : abortable(timed, signal);
}

async function callGraph(
  outer: Definition,
  inner: Definition,
  { input, output, keep }: NodeDefinition,
  place: NodePlace,
  ctx: NodeContext,
  state: Values,
): Promise<Values> {
  const given = (input === undefined ? sharedFields(inner, state) : input(state)) as Values;
  const { result, questions, end } = await place.runInner({
    definition: inner,
    path: place.path,
    input: given,
    signal: ctx.signal,
    ...keep && { keeper: place.task.node },
  });
  if (questions.length > 0) {
    ctx.asked = questions;
    return {};
  }
  const after = completedState(result);
  if (keep) ctx.kept = end;
  return output === undefined ? gained(inner, outer, given, after) : output(after);
}

/** Until the attempt is closed, however that comes: a timer that is left keeps its process alive. */
function withinTime<T>(
  work: PromiseLike<T>,
  ctx: NodeContext,
  timeoutMs: number | undefined,
  idleMs: number | undefined,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timers = new Map<number, ReturnType<typeof setTimeout>>();
    const arm = (which: number, ms: number | undefined) => {
      if (ms === undefined) return;
      clearTimeout(timers.get(which));
      timers.set(which, setTimeout(() => reject(timedOut(ms)), ms));
    };
    arm(0, timeoutMs);
    arm(1, idleMs);
    ctx.onBeat = () => arm(1, idleMs);
    ctx.onClose = () => timers.forEach((timer) => clearTimeout(timer));
    work.then(resolve, reject);
  });
}

function timedOut(ms: number): GraphError {
  return new GraphError("timeout", `Node execution timed out after ${ms}ms`);
}

const caches = new WeakMap<NodeDefinition, Map<string, { until: number; outcome: Outcome }>>();
const MAX_CACHED = 1000;

/** The place of a result in the node's cache; only what succeeded is kept. */
function cacheOf(node: NodeDefinition, input: Values) {
  if (node.cache === undefined) return undefined;
  const { ttlMs = 300_000 } = node.cache;
  const cache = caches.get(node) ?? new Map<string, { until: number; outcome: Outcome }>();
  caches.set(node, cache);
  const key = canonicalJson(input);
  return {
    get(): Outcome | undefined {
      const found = cache.get(key);
      return found !== undefined && found.until > Date.now() ? found.outcome : undefined;
    },
    set(outcome: Outcome): void {
      if (cache.size >= MAX_CACHED) cache.delete(cache.keys().next().value!);
      cache.set(key, { until: Date.now() + ttlMs, outcome });
    },
  };
}
