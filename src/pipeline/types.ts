/** Stages, pipelines and what a run of one comes to, as their users see them. */

import type {
  Awaitable,
  GraphInterrupt,
  GraphResumeOptions,
  GraphRunOptions,
  NodeContext,
  RetryOptions,
  Topology,
} from "../graph/mod.ts";

/** What a stage that is a function gets beside its input. */
export type StageContext = Pick<
  NodeContext,
  "signal" | "attempt" | "execution" | "interrupt" | "once" | "heartbeat" | "store" | "span"
>;

/** A stage that is a function. */
export type StageFn<I, O> = (input: I, ctx: StageContext) => Awaitable<O>;

/** What says to the compiler what goes in and comes out: agents, graphs and pipelines do. */
export interface Staged<I, O> {
  /** For the compiler: what it is as a stage. */
  readonly "~stage"?: (input: I) => O;
}

/** What a stage does: a function, an agent, a graph, or another pipeline. */
export type StageWork<I, O> = StageFn<I, O> | Staged<I, O>;

/** A stage with options. */
export interface StageOptions<I, O> {
  /** What it does. */
  readonly stage: StageWork<I, O>;
  /** What it is called on the bus. @default {the name of the function or the graph} */
  readonly name?: string;
  /** How long an attempt may take, in milliseconds. Its signal is aborted then, and what it still does does not count. */
  readonly timeoutMs?: number;
  /** How long an attempt may go without `ctx.heartbeat()`, in milliseconds. */
  readonly idleMs?: number;
  /** Tries again what throws. @default {not} */
  readonly retry?: RetryOptions;
}

/** A stage of a pipeline, from an input to an output. */
export type Stage<I, O> = StageWork<I, O> | StageOptions<I, O>;

/** What a stage hands on. */
export type OutputOf<S> = S extends (...args: never) => infer O ? Awaited<O>
  : S extends { readonly stage: infer W } ? OutputOf<W>
  : S extends { readonly "~stage"?: (input: never) => infer O } ? O
  : never;

/** What a stage takes. */
export type InputOf<S> = S extends () => unknown ? unknown
  : S extends (input: infer I, ctx: never) => unknown ? I
  : S extends { readonly stage: infer W } ? InputOf<W>
  : S extends { readonly "~stage"?: (input: infer I) => unknown } ? I
  : never;

/** What all of several stages take. */
export type InputOfAll<B extends readonly unknown[]> = {
  [K in keyof B]: (input: InputOf<B[K]>) => void;
}[number] extends (input: infer I) => void ? I : never;

/**
 * Why a pipeline stopped. `completed` and `max_loops`, where a loop has used up its rounds, are successes; from the others
 * `resume()` or `recover()` goes on.
 */
export type PipelineStopReason =
  | "completed"
  | "max_loops"
  | "interrupted"
  | "failed"
  | "drained"
  | "cancelled";

/** What a run of a pipeline came to. */
export interface PipelineResult<O> {
  /** Whether it has its output, and nothing failed. */
  readonly success: boolean;
  /** Why it stopped. */
  readonly stop_reason: PipelineStopReason;
  /** What it was for; null without success, but for what a parallel pipeline has joined by then. */
  readonly final_output: O | null;
  /** What each stage, branch or round handed on; `""` for a branch that has failed. */
  readonly outputs: readonly unknown[];
  /** What failed, with its place: `stage[1] TypeError: …`. Null if nothing did. */
  readonly error: string | null;
  /** All questions that wait. */
  readonly interrupts: readonly GraphInterrupt[];
  /** The thread: name it to go on. */
  readonly thread_id: string;
  /** How long this call took, in milliseconds. */
  readonly duration_ms: number;
}

/** Options of a run of a pipeline. */
export interface PipelineRunOptions extends Omit<GraphRunOptions, "maxIterations"> {}

/** Options of {@linkcode Pipeline.resume}. */
export interface PipelineResumeOptions extends Omit<GraphResumeOptions, "maxIterations"> {
  /** The thread that waits. */
  threadId: string;
}

/** Stages that are run as one. Made by `sequential()`, `parallel()` and `loop()`. */
export interface Pipeline<I, O> extends Staged<I, O> {
  /** Its name. */
  readonly id: string;
  /** Runs it. What fails is in the result: it rejects only for what is refused before anything runs. */
  execute(input: I, options?: PipelineRunOptions): Promise<PipelineResult<O>>;
  /** The same, but gives the output, and rejects with a `GraphError` if there is none. */
  invoke(input: I, options?: PipelineRunOptions): Promise<O>;
  /** Answers a question, in any process, and goes on. @param answer As a graph's `resume()` takes it. */
  resume(answer: unknown, options: PipelineResumeOptions): Promise<PipelineResult<O>>;
  /** Goes on where a thread was left by a crash, an abort, a drain or a failure: what is finished is not repeated. */
  recover(options: PipelineRunOptions & { threadId: string }): Promise<PipelineResult<O>>;
  /** What a page draws. */
  topology(): Topology;
}
