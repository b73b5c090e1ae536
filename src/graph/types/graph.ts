/** A graph, as its users see it. */

import type { AnyRun } from "../../core/run/run.ts";
import type { Checkpointer } from "../../memory/checkpointer.ts";

/** Why a run of a graph stopped. */
export type GraphStopReason =
  | "end"
  | "exhausted"
  | "interrupted"
  | "max_iterations"
  | "failed"
  | "drained"
  | "cancelled";

/** A question that a graph waits with. */
export interface GraphInterrupt {
  /** Names it in `resume()`, and in `agent.interrupt`. */
  readonly id: string;
  /** The node that asks. */
  readonly node: string;
  /** What it asks. */
  readonly question: unknown;
  /** Why the last answer was not taken, if there was one. */
  readonly problem?: string;
}

/** What a run of a graph came to. */
export interface GraphResult<S> {
  /** The graph. */
  readonly graph_id: string;
  /** The thread: name it to go on. */
  readonly thread_id: string;
  /**
   * `end`: a branch reached END. `exhausted`: nothing was left to run. `interrupted`: somebody was asked. `failed`: a
   * node, a router or a save did. `max_iterations`, `drained` and `cancelled` can be gone on with by `recover()`.
   */
  readonly stop_reason: GraphStopReason;
  /** The state; of a graph that waits, with what the nodes beside the asking one have written. */
  readonly state: S;
  /** All questions that wait. */
  readonly interrupts: readonly GraphInterrupt[];
  /** What failed, by node: `<ErrorName>: <first line>`. */
  readonly errors: Readonly<Record<string, string>>;
  /** The number of the last step. */
  readonly steps: number;
  /** The last checkpoint; null without a checkpointer. */
  readonly checkpoint_id: string | null;
  /** Nodes whose `after` list was begun and did not become full. */
  readonly unfilled: readonly string[];
  /** How long this call took, in milliseconds. */
  readonly duration_ms: number;
}

/** Options of a run of a graph. */
export interface GraphRunOptions {
  /** Names the state that is gone on with. @default {a new one} */
  threadId?: string;
  /** Where threads are kept. @default {none: a graph that waits does so in this process} */
  checkpointer?: Checkpointer;
  /**
   * When records are saved: at each step before the next one begins (`steps`), while it runs (`behind`, where a crash can
   * lose a step, but no `once`), or where somebody is asked and at the end (`waits`).
   *
   * @default {"steps"}
   */
  save?: "steps" | "behind" | "waits";
  /**
   * How many checkpoints of the thread are kept; up to 64 more are, as later ones build on them. Give it in every call that
   * goes on with the thread.
   *
   * @default {all}
   */
  keepCheckpoints?: number;
  /** Stops the run. */
  signal?: AbortSignal;
  /** Asks the run to stop after a step: set `reason`. */
  drain?: { reason: string | null };
  /** How many steps this call may take. @default {as the graph says, else 100} */
  maxIterations?: number;
  /** What nodes get as `ctx.store`. */
  store?: unknown;
  /** The run to publish to, where no context reaches. @default {the current run} */
  run?: AnyRun;
}

/** Options of {@linkcode Graph.resume}. */
export interface GraphResumeOptions extends GraphRunOptions {
  /** Which question is answered, where several wait. */
  interruptId?: string;
}

/** What a stream tells. */
export type GraphStreamMode = "updates" | "values" | "nodes" | "debug" | "custom";

/** Options of {@linkcode Graph.stream}. */
export interface GraphStreamOptions extends GraphRunOptions {
  /** What to tell; what nodes emit is always told. @default {"values"} */
  mode?: GraphStreamMode | readonly GraphStreamMode[];
}

/** A piece of a stream. */
export type GraphStreamEvent<S> =
  /** After each step, and first: the input's. */
  | { readonly mode: "values"; readonly state: S }
  /** When a node has ended: what it writes. */
  | { readonly mode: "updates"; readonly node: string; readonly update: Partial<S> | null }
  /** When a node has ended: how. */
  | {
    readonly mode: "nodes";
    readonly node: string;
    readonly status: "completed" | "failed" | "skipped" | "interrupted";
    readonly error: string | null;
  }
  /** When a node has ended: everything about it. */
  | {
    readonly mode: "debug";
    readonly node: string;
    /** The task, as in the node's events. */
    readonly task_id: string;
    readonly step: number;
    /** How often it has begun. */
    readonly execution: number;
    /** How often it was tried this time. */
    readonly attempts: number;
    /** Whether its result was taken from the node's cache. */
    readonly cached: boolean;
    readonly status: "completed" | "failed" | "skipped" | "interrupted";
    readonly error: string | null;
    readonly update: Partial<S> | null;
    /** Where its command or its sends lead; null: along its edges. */
    readonly to: readonly string[] | null;
    /** The state that it read. */
    readonly state: S;
  }
  /** What a node emitted. */
  | { readonly mode: "custom"; readonly node: string; readonly data: unknown };

/** A run of a graph that is read as it goes. The next step begins when the events of the last are taken. */
export interface GraphStream<S> extends AsyncIterableIterator<GraphStreamEvent<S>> {
  /** What the run came to. Rejects if it was refused. */
  readonly result: Promise<GraphResult<S>>;
}

/** A checkpoint of a thread. */
export interface GraphCheckpoint<S> {
  /** Names it in `replay()` and `fork()`. */
  readonly checkpoint_id: string;
  /** The one before it; of a branch, the one that it begins at. */
  readonly parent_id: string | null;
  /** What it was saved for. */
  readonly kind: "input" | "step" | "wait" | "answer" | "recover" | "fork" | "stopped" | "end";
  /** The number of the step. */
  readonly step: number;
  /** When, in ISO 8601. */
  readonly created_at: string;
  /** The run that saved it; null outside of one. */
  readonly run_id: string | null;
  /** The state. */
  readonly state: S;
  /** The nodes that run next. */
  readonly next: readonly string[];
  /** The questions that it waits with. */
  readonly interrupts: readonly GraphInterrupt[];
}

/** A node of a drawing. */
export interface TopologyNode {
  /** Its name. */
  readonly id: string;
  /** What it is. */
  readonly kind: "node" | "graph" | "agent";
  /** What is shown: its description, or its name. */
  readonly label: string;
  /** Whether it waits for all others. */
  readonly defer?: boolean;
  /** The nodes that it waits for. */
  readonly after?: readonly string[];
}

/** An edge of a drawing. A router's targets are not known before it runs: its edge leads to `*`. */
export interface TopologyEdge {
  /** The source, `__START__` for the beginning. */
  readonly from: string;
  /** The target, `__END__` for the end. */
  readonly to: string;
  /** Who decides. */
  readonly via: "static" | "conditional";
}

/** The drawing of a graph. */
export interface Topology {
  /** The form of this object. */
  readonly version: 1;
  /** Its nodes. */
  readonly nodes: readonly TopologyNode[];
  /** Its edges. */
  readonly edges: readonly TopologyEdge[];
  /** The fields of its state, and how each is merged. */
  readonly state: readonly { readonly field: string; readonly merge: string }[];
}

/** How a branch begins that {@linkcode Graph.fork} makes. */
export interface GraphFork<P> {
  /** Put on top of the checkpoint's state, as a node's update is. @default {{}} */
  update?: P;
  /**
   * The node that the update is of: what follows that node runs next, in place of what the checkpoint was in front of.
   *
   * @default {the same nodes run next as at the checkpoint}
   */
  asNode?: string;
  /** A thread that has not begun; the branch is its first checkpoint. @default {the same thread} */
  threadId?: string;
}

/**
 * A graph that can be run. `S` is its state, `P` an update of it.
 *
 * - **Refusals reject** before any node runs: a thread that waits for nothing, or that somebody else went on with. What
 *   fails later is in the result: only `invoke()` rejects with it.
 * - **Inside of a run** a graph is a span of kind `graph` with its nodes below it.
 */
export interface Graph<S, P> {
  /** Its name. */
  readonly id: string;
  /** For the compiler: what it returns as a node. */
  readonly "~returns"?: undefined;
  /** For the compiler: what it is as a stage of a pipeline. */
  readonly "~stage"?: (input: P) => S;
  /** Runs it from its start, on the state of the thread if there is one. */
  execute(input: P, options?: GraphRunOptions): Promise<GraphResult<S>>;
  /** The same, but gives the state, and rejects with a {@linkcode GraphError} if the graph did not end. */
  invoke(input: P, options?: GraphRunOptions): Promise<S>;
  /** The same, told as it goes. Leaving the stream aborts the run. */
  stream(input: P, options?: GraphStreamOptions): GraphStream<S>;
  /**
   * Answers a question, in any process, and goes on. Of several that answer at once, one wins.
   *
   * @param answer JSON; or a `Map` with an answer for each id of `interrupts`, to answer several, or all.
   */
  resume(
    answer: unknown,
    options: GraphResumeOptions & { threadId: string },
  ): Promise<GraphResult<S>>;
  /** The same, told as it goes. */
  streamResume(
    answer: unknown,
    options: GraphResumeOptions & GraphStreamOptions & { threadId: string },
  ): GraphStream<S>;
  /** Goes on where a thread was left by a crash, an abort, a drain, a failure or `max_iterations`. */
  recover(options: GraphRunOptions & { threadId: string }): Promise<GraphResult<S>>;
  /** The same, told as it goes. */
  streamRecover(options: GraphStreamOptions & { threadId: string }): GraphStream<S>;
  /** The checkpoints of a thread, newest first. */
  history(threadId: string, options: GraphRunOptions): AsyncIterableIterator<GraphCheckpoint<S>>;
  /** Runs on from an earlier checkpoint, as a new branch. Questions are asked again. */
  replay(
    threadId: string,
    checkpointId: string,
    options: GraphRunOptions,
  ): Promise<GraphResult<S>>;
  /** The same, told as it goes. */
  streamReplay(
    threadId: string,
    checkpointId: string,
    options: GraphStreamOptions,
  ): GraphStream<S>;
  /** Begins a branch at an earlier checkpoint, maybe with an update; `recover()` runs it. @returns The new checkpoint's id. */
  fork(
    threadId: string,
    checkpointId: string,
    change: GraphFork<P>,
    options: GraphRunOptions,
  ): Promise<string>;
  /** What a page draws. */
  topology(): Topology;
}
