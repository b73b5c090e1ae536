/** What nodes get and what they may return. */

import type { Span } from "../../core/run/span.ts";
import type { StandardSchema } from "../../events/standard_schema.ts";
import type { Channel, Channels } from "../channels.ts";
import type { Command, END, Send } from "../commands.ts";
import type { Graph } from "./graph.ts";

/** A value, or a promise of it. */
export type Awaitable<T> = T | PromiseLike<T>;

/** The value of a channel. */
// deno-lint-ignore no-explicit-any
export type ValueOf<C> = C extends Channel<infer V, any> ? V : never;
/** What may be written to a channel. */
// deno-lint-ignore no-explicit-any
export type UpdateOf<C> = C extends Channel<any, infer U> ? U : never;

/** The state that nodes read. */
export type StateOf<C extends Channels> = { readonly [K in keyof C]: ValueOf<C[K]> };
/** What nodes may write: an update for some of the fields. */
export type PatchOf<C extends Channels> = { readonly [K in keyof C]?: UpdateOf<C[K]> };

/** What a node may return: an update, nothing, a command, or sends. */
export type Result<C extends Channels, N extends string> =
  | PatchOf<C>
  | void
  | null
  | undefined
  | Command<N | END, PatchOf<C>>
  | Send<N>
  | readonly Send<N>[];

/** The function of a node. */
export type NodeFn<C extends Channels, N extends string, R = Result<C, N>> = (
  state: StateOf<C>,
  ctx: NodeContext<C, N>,
) => R;

/** Options of {@linkcode NodeContext.interrupt}. */
export interface InterruptOptions<A> {
  /** Tells the questions of a node from each other, in whatever order they come. @default {their number} */
  readonly key?: string;
  /** Checks the answer, synchronously: one that does not fit is asked for again. */
  readonly schema?: StandardSchema<unknown, A>;
}

/** The key under which an effect is safe to repeat. */
export interface OnceCall {
  /** The same whenever this effect is tried again: hand it to the service that you call. */
  readonly idempotencyKey: string;
}

/** What a node's function gets beside the state. */
export interface NodeContext<C extends Channels = Channels, N extends string = string> {
  /** Aborted when the run is, or when this attempt has timed out. */
  readonly signal: AbortSignal;
  /** The number of the graph's step, from 1. */
  readonly step: number;
  /** Which attempt of the node it is, from 1. */
  readonly attempt: number;
  /** How often the node has begun this task, from 1: again after an answer, a crash or a failure. */
  readonly execution: number;
  /** What the graph was called with as `store`. */
  readonly store: unknown;
  /** The node's span; undefined outside of a run. Its `run` is for where no async context reaches. */
  readonly span: Span | undefined;
  /**
   * Asks a person. The node stops here, and **starts from its top** when the answer is there; then this returns it.
   *
   * @param question JSON. `{ question: string, options?: string[] }` is shown as such.
   */
  interrupt<A = unknown>(question: unknown, options?: InterruptOptions<A>): A;
  /** Does something whose result is stored, so that it is not done again when the node starts from its top. */
  once<T>(key: string, fn: (call: OnceCall) => T | PromiseLike<T>): Promise<T>;
  /** Goes on at other nodes than the edges say. */
  goto(to: N | END | readonly (N | END)[]): Command<N | END, Record<never, never>>;
  /** The same, with an update of the state. */
  goto<P extends PatchOf<C>>(
    to: N | END | readonly (N | END)[],
    update: P,
  ): Command<N | END, P>;
  /** Ends the whole graph after this step. */
  end(): Command<END, Record<never, never>>;
  /** The same, with an update of the state. */
  end<P extends PatchOf<C>>(update: P): Command<END, P>;
  /** One more run of a node, with `payload` on top of the state. */
  send(node: N, payload?: Readonly<Record<string, unknown>>): Send<N>;
  /** Runs another graph as a part of this node: its questions are the node's, and what it finished is kept. */
  run<S, P>(key: string, graph: Graph<S, P>, input: NoInfer<P>): Promise<S>;
  /** Hands `data` to readers of the stream, at once. */
  emit(data: unknown): void;
  /** Says that the node is alive, for `idleMs`. */
  heartbeat(): void;
  /** Asks the run to stop after this step, to be gone on with by `recover()`. */
  drain(reason: string): void;
}

/** When a node is tried again. */
export interface RetryOptions {
  /** How often it is tried at most. @default {3} */
  readonly maxAttempts?: number;
  /** The first wait, in milliseconds; each next one is twice as long, up to a minute. @default {1000} */
  readonly initialMs?: number;
  /** Whether attempts that timed out are tried again as well. @default {false} */
  readonly timeouts?: boolean;
}

/** A node with options. */
export interface NodeOptions<C extends Channels, N extends string, R> {
  /** What it does: a function, or a graph. */
  readonly run: NodeFn<C, N, R> | SubGraph<R>;
  /** What it is drawn as. @default {as `run` says} */
  readonly kind?: "node" | "agent";
  /** Shown in drawings. */
  readonly description?: string;
  /** Without it the node runs; where it says false, the node is skipped, and its branch ends. */
  readonly condition?: (state: StateOf<C>) => boolean;
  /** Tries again what throws. @default {not} */
  readonly retry?: RetryOptions;
  /** How long an attempt may take, in milliseconds. */
  readonly timeoutMs?: number;
  /** How long an attempt may go without a `ctx.heartbeat()`, in milliseconds. */
  readonly idleMs?: number;
  /** Takes the result of an earlier run with the same input, in this process. */
  readonly cache?: { /** How long, in milliseconds. @default {300000} */ readonly ttlMs?: number };
  /** Runs when nothing else is left to run. */
  readonly defer?: boolean;
  /** Runs once all of these are done since its last run; needs no edges. */
  readonly after?: readonly N[];
  /** What to do in place of failing, once there is no further attempt. */
  readonly onError?: (
    error: unknown,
    state: StateOf<C>,
    ctx: NodeContext<C, N>,
  ) => Awaitable<Result<C, N>>;
  /** The fields that it writes: two nodes that can share a step and write one field are refused at once. */
  readonly writes?: readonly (keyof C & string)[];
  /** Of a graph: what it begins with. @default {the fields of the same name} */
  readonly input?: (state: StateOf<C>) => unknown;
  /** Of a graph: the update that its last state makes. @default {what the fields of the same name gained} */
  // deno-lint-ignore no-explicit-any
  readonly output?: (state: any) => PatchOf<C>;
  /**
   * Of a graph: whether it begins with the state that it ended with when this node ran the last time in the thread, or in
   * the branch of it. Needs `input` and `output`.
   */
  readonly keep?: boolean;
}

/** A graph in the place of a node; it returns nothing that its caller could misspell. */
// deno-lint-ignore no-explicit-any
export type SubGraph<R> = Graph<any, any> & { readonly "~returns"?: R };

/** Any form of a node. */
export type AnyNode<C extends Channels, N extends string, R> =
  | NodeFn<C, N, R>
  | NodeOptions<C, N, R>
  | SubGraph<R>;
