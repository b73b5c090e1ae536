import { checkText } from "../core/checks.ts";
import { makeGraph } from "../graph/compiled_graph.ts";
import type { Definition, Values } from "../graph/definition.ts";
import {
  channel,
  type Channels,
  type Graph,
  GraphError,
  type GraphResult,
  type GraphStopReason,
  type NodeContext,
  type OnFailure,
  type Topology,
} from "../graph/mod.ts";
import { notePipeline } from "./stage.ts";
import type {
  Pipeline,
  PipelineResult,
  PipelineResumeOptions,
  PipelineRunOptions,
  PipelineStopReason,
} from "./types.ts";

/** The state of a pipeline's graph. */
export interface PipelineState {
  readonly input: unknown;
  /** What was handed on, by place: in a list, as a value can be null. */
  readonly outputs: Readonly<Record<number, readonly [unknown]>>;
  /** Of a loop: why it is over. */
  readonly over: "condition" | "max_loops" | null;
}

/** What a stage, a branch or a round writes. */
export type PipelineUpdate = Partial<PipelineState>;

/** What a pipeline is made of. */
export interface Plan {
  readonly owner: string;
  readonly id: string;
  readonly nodes: Readonly<Record<string, unknown>>;
  readonly edges: Readonly<Record<string, unknown>>;
  readonly onFailure: OnFailure;
  readonly maxConcurrency?: number;
  /** How many outputs there can be. */
  readonly places: number;
  /** What stands for an output that is not there; without it there are only those that are. */
  readonly absent?: unknown;
  readonly voice: Definition["voice"];
  /** What it hands on. @param isWhole Whether nothing failed. */
  output(outputs: readonly unknown[], isWhole: boolean): unknown;
  /** Where something failed. @default {the node} */
  place?(node: string, outputs: readonly unknown[]): string;
}

/** Makes a pipeline. */
export function makePipeline<I, O>(plan: Plan): Pipeline<I, O> {
  return new GraphPipeline(plan) as Pipeline<unknown, unknown> as Pipeline<I, O>;
}

class GraphPipeline implements Pipeline<unknown, unknown> {
  readonly #plan: Plan;
  readonly #graph: Graph<Values, Values>;

  constructor(plan: Plan) {
    const { owner, id, nodes, edges, onFailure, maxConcurrency, voice } = plan;
    checkText(owner, "id", id);
    const state: Channels = {
      input: channel<unknown>(),
      outputs: channel.record<readonly [unknown]>(),
      over: channel<PipelineState["over"]>(null),
    };
    this.#plan = plan;
    this.#graph = makeGraph(owner, { id, state, nodes, edges, onFailure, maxConcurrency }, voice);
    notePipeline(this, { id, run: (input, ctx) => this.#runInside(input, ctx) });
  }

  get id(): string {
    return this.#plan.id;
  }

  async execute(input: unknown, options?: PipelineRunOptions): Promise<PipelineResult<unknown>> {
    return this.#result(await this.#graph.execute(this.#begin(input), this.#bounded(options)));
  }

  async invoke(input: unknown, options?: PipelineRunOptions): Promise<unknown> {
    const { success, stop_reason, error, final_output } = await this.execute(input, options);
    if (success) return final_output;
    const why = `Pipeline "${this.id}" stopped: ${stop_reason}${
      error === null ? "" : ` (${error})`
    }`;
    throw new GraphError(
      stop_reason as Exclude<PipelineStopReason, "completed" | "max_loops">,
      why,
    );
  }

  async resume(answer: unknown, options: PipelineResumeOptions): Promise<PipelineResult<unknown>> {
    return this.#result(await this.#graph.resume(answer, this.#bounded(options)));
  }

  async recover(
    options: PipelineRunOptions & { threadId: string },
  ): Promise<PipelineResult<unknown>> {
    return this.#result(await this.#graph.recover(this.#bounded(options)));
  }

  topology(): Topology {
    return this.#graph.topology();
  }

  /** The update that a run begins with: nothing is left of what the thread ran before. */
  #begin(input: unknown): Values {
    const none = Object.fromEntries(Array.from({ length: this.#plan.places }, (_, i) => [i, null]));
    return { input: input ?? null, outputs: none, over: null };
  }

  /** Each place takes one step at most. */
  #bounded<O>(options: O): O & { maxIterations: number } {
    return { ...options, maxIterations: this.#plan.places + 1 };
  }

  async #runInside(input: unknown, ctx: NodeContext): Promise<unknown> {
    const state = await ctx.run("pipeline", this.#graph, this.#begin(input));
    return this.#plan.output(this.#outputs(state), true);
  }

  #outputs(state: Values): unknown[] {
    const { places, absent } = this.#plan;
    const { outputs } = state as Values & PipelineState;
    if (absent === undefined) return Object.values(outputs).map(([output]) => output);
    return Array.from(
      { length: places },
      (_, i) => outputs[i] === undefined ? absent : outputs[i][0],
    );
  }

  #result({ state, errors, stop_reason, ...result }: GraphResult<Values>): PipelineResult<unknown> {
    const { output, place = (node: string) => node } = this.#plan;
    const outputs = this.#outputs(state);
    const reason = reasonOf(stop_reason, state);
    const success = reason === "completed" || reason === "max_loops";
    const failed = Object.entries(errors).map(([node, error]) =>
      `${place(node, outputs)} ${error}`
    );
    return {
      success,
      stop_reason: reason,
      final_output: output(outputs, success),
      outputs,
      error: failed.length === 0 ? null : failed.join("; "),
      interrupts: result.interrupts,
      thread_id: result.thread_id,
      duration_ms: result.duration_ms,
    };
  }
}

function reasonOf(reason: GraphStopReason, state: Values): PipelineStopReason {
  if (reason === "end" || reason === "exhausted") {
    return state.over === "max_loops" ? "max_loops" : "completed";
  }
  // There are as many steps as a pipeline can take.
  return reason as Exclude<typeof reason, "max_iterations">;
}
