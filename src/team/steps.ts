/** Work that is kept step by step in a thread, so that another process can go on with it. */

import type { AnyRun } from "../core/run/run.ts";
import { channel, END, graph, START } from "../graph/mod.ts";
import { completedState } from "../graph/engine/node_context.ts";
import type { Checkpointer } from "../memory/checkpointer.ts";

/** Does a step, unless its result is kept: JSON. */
export type Once = <T>(key: string, step: () => Promise<T>) => Promise<T>;

/** Where work is kept. */
export interface ThreadPlace {
  readonly threadId: string | undefined;
  readonly checkpointer: Checkpointer | null;
  readonly run: AnyRun | undefined;
  readonly signal: AbortSignal | undefined;
  /** The steps that are kept from before: filled when the work goes on. */
  readonly kept: string[];
}

/**
 * Does work in a thread, as a graph of one node whose steps are kept; without a thread, just does it.
 *
 * A thread that was left by a crash, an abort or a failure is gone on with by `input` null: the work begins again with the
 * input of then, and steps that have ended are not done again. One that has come to its end gives its result: JSON.
 *
 * @throws What `work` throws, or a {@linkcode GraphError} if there is nothing to go on with or the store fails.
 */
export async function inThread<I, R>(
  name: string,
  { threadId, checkpointer, run, signal, kept }: ThreadPlace,
  input: I | null,
  work: (input: I, once: Once) => Promise<R>,
): Promise<R> {
  if (threadId === undefined || checkpointer === null) {
    return await work(input as I, (_, step) => step());
  }
  let failure: { readonly error: unknown } | undefined;
  const made = graph({
    id: name,
    state: { input: channel.last<unknown>(), result: channel.last<unknown>() },
    nodes: {
      work: async (state, ctx) => {
        try {
          return { result: await work(state.input as I, (key, step) => ctx.once(key, step)) };
        } catch (error) {
          failure = { error };
          throw error;
        }
      },
    },
    edges: { [START]: "work", work: END },
    onFailure: "stop",
  });
  const options = {
    threadId,
    checkpointer,
    ...run && { run: checkpointsOnly(run, kept) },
    ...signal && { signal },
  };
  if (input === null) {
    const { value: head } = await made.history(threadId, { checkpointer }).next();
    if (head?.kind === "end") return head.state.result as R;
  }
  const ended = input === null
    ? await made.recover(options)
    : await made.execute({ input }, options);
  signal?.throwIfAborted();
  if (failure !== undefined) throw failure.error;
  return completedState(ended).result as R;
}

/** The run as the graph gets it: its checkpoints are told in the span of the work, whose steps have spans of their own. */
function checkpointsOnly(run: AnyRun, kept: string[]): AnyRun {
  const quiet: AnyRun = {
    id: run.id,
    bus: run.bus,
    spanId: run.spanId,
    content: false,
    inSpan: () => quiet,
    emit(type: string, data: Readonly<Record<string, unknown>>) {
      if (type === "multiagent.graph.node.started") kept.push(...data.kept as readonly string[]);
      if (type.startsWith("memory.")) run.emit(type, { ...data, span_id: run.spanId });
    },
    waitUntil() {},
    onEnd() {},
    setOutcome() {},
  };
  return quiet;
}
