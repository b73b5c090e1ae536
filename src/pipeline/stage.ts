import { hasMethod, isPlain } from "../core/describe.ts";
import { checkText, checkTimeout } from "../core/checks.ts";
import { checkOptions, describe, isRecord } from "../core/options.ts";
import type { Agent } from "../agent/agent.ts";
import { definitionOf } from "../graph/definition.ts";
import { agentNode, type Graph, type NodeContext, type TopologyNode } from "../graph/mod.ts";
import type { StageFn, StageOptions } from "./types.ts";

/** A stage, as pipelines run it. */
export interface KnownStage {
  readonly name: string;
  readonly kind: TopologyNode["kind"];
  /** Options of its node, in which it is called. */
  readonly node: Readonly<Record<string, unknown>>;
  run(input: unknown, ctx: NodeContext): unknown;
}

/** A pipeline, as stages run it. */
export interface InnerPipeline {
  readonly id: string;
  run(input: unknown, ctx: NodeContext): Promise<unknown>;
}

const pipelines = new WeakMap<object, InnerPipeline>();

/** Notes how a pipeline is run as a stage. */
export function notePipeline(pipeline: object, inner: InnerPipeline): void {
  pipelines.set(pipeline, inner);
}

/** @throws {TypeError} If there is no stage, or one of them is none. */
export function readStages(owner: string, stages: unknown, noun: string): readonly KnownStage[] {
  if (!Array.isArray(stages) || stages.length === 0) {
    throw new TypeError(`${owner}: expected a list of stages, got ${describe(stages)}`);
  }
  return stages.map((stage, i) => readStage(`${owner}: ${noun}[${i}]`, stage));
}

/** @throws {TypeError} If it is no stage, or an option is unknown or of the wrong type. */
export function readStage(where: string, stage: unknown): KnownStage {
  const hasOptions = isPlain(stage) && "stage" in stage;
  if (hasOptions) checkOptions(where, stage, ["stage", "name", "timeoutMs", "idleMs", "retry"]);
  const options: object = hasOptions ? stage : { stage };
  const { stage: work, name, ...limits } = options as StageOptions<unknown, unknown>;
  if (name !== undefined) checkText(where, "name", name);
  checkTimeout(where, limits.timeoutMs);
  const known = readWork(where, work);
  const description = name ?? known.name;
  return {
    ...known,
    name: description,
    // What is a graph is called by a function here.
    node: { ...limits, description, ...known.kind === "agent" && { kind: known.kind } },
  };
}

function readWork(where: string, work: unknown): Omit<KnownStage, "node"> {
  if (typeof work === "function") {
    const fn = work as StageFn<unknown, unknown>;
    return { name: fn.name || "stage", kind: "node", run: (input, ctx) => fn(input, ctx) };
  }
  const inner = isRecord(work) ? pipelines.get(work) : undefined;
  if (inner !== undefined) {
    return { name: inner.id, kind: "graph", run: (input, ctx) => inner.run(input, ctx) };
  }
  const definition = definitionOf(work);
  if (definition !== undefined) {
    const graph = work as Graph<unknown, unknown>;
    return {
      name: definition.id,
      kind: "graph",
      run: (input, ctx) => ctx.run("graph", graph, input),
    };
  }
  if (hasMethod(work, "invoke") && hasMethod(work, "asTool")) {
    const { run } = agentNode<string, unknown>(work as Agent, {
      input: (prompt) => prompt,
      output({ message, parsed, parse_error }) {
        if (parse_error !== null) throw new Error(parse_error);
        return parsed ?? message;
      },
    });
    return { name: "agent", kind: "agent", run: (input, ctx) => run(input as string, ctx) };
  }
  throw new TypeError(
    `${where} must be a function, an agent, a graph, a pipeline or { stage: … }, got ${
      describe(work)
    }`,
  );
}
