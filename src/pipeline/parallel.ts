import { checkFlag, checkText } from "../core/checks.ts";
import { checkOptions, describe } from "../core/options.ts";
import { randomHex } from "../core/random_hex.ts";
import type { AnyRun } from "../core/run/run.ts";
import type { PairPlace, Voice } from "../graph/engine/voice.ts";
import { END, type NodeContext, START } from "../graph/mod.ts";
import { makePipeline, type PipelineState, type PipelineUpdate } from "./pipeline.ts";
import { textOf } from "./prompt.ts";
import { type KnownStage, readStages } from "./stage.ts";
import { beginning } from "./tell.ts";
import type { InputOfAll, OutputOf, Pipeline, Stage } from "./types.ts";

/**
 * How the outputs of a parallel pipeline become one: all texts joined (`concatenate`; what is no text as JSON, empty ones left
 * out), the last branch's alone (`last`), or a list of all, by branch (`list`).
 */
export type MergeStrategy = "concatenate" | "last" | "list";

/** What a parallel pipeline hands on. */
export type Merged<B extends readonly unknown[], M extends MergeStrategy> = M extends "list"
  ? { readonly [K in keyof B]: OutputOf<B[K]> }
  : M extends "last" ? OutputOf<B extends readonly [...unknown[], infer Last] ? Last : B[number]>
  : string;

/** Options of {@linkcode parallel}. */
export interface ParallelOptions<M extends MergeStrategy = MergeStrategy> {
  /** Its name, for events. @default {"parallel"} */
  readonly id?: string;
  /** How the outputs become one. @default {"concatenate"} */
  readonly mergeStrategy?: M;
  /** What is between the texts of `concatenate`. @default {"\n\n---\n\n"} */
  readonly separator?: string;
  /** Aborts the other branches when one fails, so that `recover()` can try again what is not done. @default {false} */
  readonly stopOnError?: boolean;
  /** How many branches run at once; the others begin as those end, in their order. @default {all of them} */
  readonly maxConcurrency?: number;
}

/**
 * Makes a pipeline of branches that run side by side, all with the same input.
 *
 * - **A branch that fails** fails the pipeline, whose `outputs` then have what the others handed on: they go on to their
 *   ends, unless `stopOnError` is set.
 * - **A branch that asks** lets the others finish. When it is answered, only that branch runs again.
 *
 * @throws {TypeError} If there is no branch, or an option is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import { parallel, sequential } from "@locus/core/pipeline";
 * import { assertEquals } from "@std/assert";
 *
 * const count = parallel([
 *   (text: string) => text.length,
 *   (text: string) => text.split(" ").length,
 * ], { mergeStrategy: "list" });
 * const report = sequential([count, ([letters, words]) => `${words} words, ${letters} letters`]);
 * assertEquals(await report.invoke("mind the gap"), "3 words, 12 letters");
 * ```
 */
export function parallel<
  // Of no input yet: what goes in is what all of them take.
  const B extends readonly Stage<never, unknown>[],
  M extends MergeStrategy = "concatenate",
>(branches: B, options: ParallelOptions<M> = {}): Pipeline<InputOfAll<B>, Merged<B, M>> {
  const owner = "parallel()";
  checkOptions(owner, options, [
    "id",
    "mergeStrategy",
    "separator",
    "stopOnError",
    "maxConcurrency",
  ]);
  const { id = "parallel", separator = "\n\n---\n\n", stopOnError = false } = options;
  const merge: MergeStrategy = options.mergeStrategy ?? "concatenate";
  if (!["concatenate", "last", "list"].includes(merge)) {
    throw new TypeError(
      `${owner}: "mergeStrategy" must be "concatenate", "last" or "list", got ${describe(merge)}`,
    );
  }
  checkText(owner, "separator", separator);
  checkFlag(owner, "stopOnError", stopOnError);
  const { maxConcurrency } = options;
  const known = readStages(owner, branches, "branch");
  return makePipeline({
    owner,
    id,
    nodes: Object.fromEntries(known.map((stage, i) => {
      const run = async (
        { input }: PipelineState,
        ctx: NodeContext,
      ): Promise<PipelineUpdate> => ({ outputs: { [i]: [await stage.run(input, ctx) ?? null] } });
      return [nodeOf(i), { ...stage.node, run }];
    })),
    edges: {
      [START]: known.map((_, i) => nodeOf(i)),
      ...Object.fromEntries(known.map((_, i) => [nodeOf(i), END])),
    },
    onFailure: stopOnError ? "stop" : "settle",
    maxConcurrency,
    places: known.length,
    absent: "",
    voice: () => voiceOf(known, merge),
    output(outputs, isWhole) {
      if (merge === "concatenate") {
        return outputs.map(textOf).filter((text) => text !== "").join(separator);
      }
      return isWhole ? merge === "last" ? outputs.at(-1) : outputs : null;
    },
  });
}

const nodeOf = (i: number) => `agent[${i}]`;

function voiceOf(branches: readonly KnownStage[], merge_strategy: MergeStrategy): Voice {
  const places = new Map(branches.map((_, i) => [nodeOf(i), i]));
  let fanout: PairPlace;
  let start = 0;
  const counts = { completed: 0, failed: 0, skipped: 0, interrupted: 0 };
  const span = (place: PairPlace, node: string) => ({
    ...place,
    name: branches[places.get(node)!]!.name,
    kind: "task",
  });
  return {
    kind: "pipeline",
    enter(run: AnyRun, { done }) {
      fanout = { span_id: randomHex(16), parent_span_id: run.spanId };
      run.emit("composition.fanout.started", {
        agent_count: branches.length,
        merge_strategy,
        ...fanout,
      });
      start = performance.now();
      for (const { status } of done) counts[status]++;
      return run.inSpan(fanout.span_id);
    },
    started(run, place, { node }, details) {
      const attributes = { branch: places.get(node)!, ...beginning(details) };
      run.emit("span.started", { ...span(place, node), attributes });
    },
    completed(run, place, { node }, _, { status, error = null, duration_ms }) {
      counts[status]++;
      run.emit("span.completed", {
        ...span(place, node),
        // One that waits begins again as another span.
        success: status !== "failed",
        duration_ms,
        error,
        attributes: { status },
      });
    },
    leave(run) {
      run.emit("composition.fanout.completed", {
        success_count: counts.completed,
        error_count: counts.failed,
        interrupted_count: counts.interrupted,
        duration_ms: performance.now() - start,
        ...fanout,
      });
    },
  };
}
