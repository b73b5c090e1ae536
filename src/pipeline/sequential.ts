import { checkText } from "../core/checks.ts";
import { checkOptions } from "../core/options.ts";
import type { Voice } from "../graph/engine/voice.ts";
import { END, type NodeContext, START } from "../graph/mod.ts";
import { makePipeline, type PipelineState, type PipelineUpdate } from "./pipeline.ts";
import { fill, NEXT_STEP } from "./prompt.ts";
import { type KnownStage, readStages } from "./stage.ts";
import { beginning, ending } from "./tell.ts";
import type { Pipeline, Stage } from "./types.ts";

/** Options of {@linkcode sequential}. */
export interface SequentialOptions {
  /** Its name, for events. @default {"sequential"} */
  readonly id?: string;
  /**
   * What agents are asked that are not the first stage: `{previous_output}` and `{task}`, which is the pipeline's input,
   * are replaced.
   *
   * @default {the previous output, then to continue with the next step of the task}
   */
  readonly promptTemplate?: string;
}

/**
 * Makes a pipeline of stages that run one after the other: each gets what the one before it handed on.
 *
 * - **Stages** are functions, agents, graphs and pipelines, up to twelve of them; for more, put pipelines into pipelines.
 *   The compiler refuses a stage that cannot take what the one before it hands on.
 * - **A stage that throws** ends the pipeline. `recover()` tries it again, and repeats nothing before it.
 *
 * @throws {TypeError} If there is no stage, or an option is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import { sequential } from "@locus/core/pipeline";
 * import { assertEquals } from "@std/assert";
 *
 * const titles = sequential([
 *   (text: string) => text.split("\n"),
 *   (lines) => lines.filter((line) => line.startsWith("# ")),
 *   (heads) => heads.length,
 * ]);
 * assertEquals(await titles.invoke("# One\ntext\n# Two"), 2);
 * ```
 */
export function sequential<
  A,
  B,
  C = B,
  D = C,
  E = D,
  F = E,
  G = F,
  H = G,
  I = H,
  J = I,
  K = J,
  L = K,
  M = L,
>(
  // One signature for all lengths: what is not there hands on what it gets.
  stages: readonly [
    Stage<A, B>,
    Stage<B, C>?,
    Stage<C, D>?,
    Stage<D, E>?,
    Stage<E, F>?,
    Stage<F, G>?,
    Stage<G, H>?,
    Stage<H, I>?,
    Stage<I, J>?,
    Stage<J, K>?,
    Stage<K, L>?,
    Stage<L, M>?,
  ],
  options: SequentialOptions = {},
): Pipeline<A, M> {
  const owner = "sequential()";
  checkOptions(owner, options, ["id", "promptTemplate"]);
  const { id = "sequential", promptTemplate = NEXT_STEP } = options;
  checkText(owner, "promptTemplate", promptTemplate);
  const known = readStages(owner, stages, "stage");
  const run =
    ({ kind, run }: KnownStage, i: number) =>
    async ({ input, outputs }: PipelineState, ctx: NodeContext): Promise<PipelineUpdate> => {
      const [previous] = i === 0 ? [input] : outputs[i - 1]!;
      const given = i > 0 && kind === "agent" ? fill(promptTemplate, previous, input) : previous;
      return { outputs: { [i]: [await run(given, ctx) ?? null] } };
    };
  return makePipeline({
    owner,
    id,
    nodes: Object.fromEntries(
      known.map((stage, i) => [nodeOf(i), { ...stage.node, run: run(stage, i) }]),
    ),
    edges: Object.fromEntries(
      [START, ...known.map((_, i) => nodeOf(i))].map((from, i) => [
        from,
        i < known.length ? nodeOf(i) : END,
      ]),
    ),
    onFailure: "stop",
    places: known.length,
    voice: () => voiceOf(known),
    output: (outputs, isWhole) => isWhole ? outputs.at(-1) : null,
  });
}

const nodeOf = (i: number) => `stage[${i}]`;

function voiceOf(stages: readonly KnownStage[]): Voice {
  const places = new Map(stages.map((_, i) => [nodeOf(i), i]));
  const pair = (
    node: string,
  ) => ({ pipeline_kind: "sequential", stage: places.get(node)! } as const);
  return {
    kind: "pipeline",
    started(run, place, { node }, details) {
      const said = pair(node);
      run.emit("composition.stage.started", {
        ...said,
        stage_count: stages.length,
        name: stages[said.stage]!.name,
        ...place,
        ...beginning(details),
      });
    },
    completed(run, place, { node }, _, end) {
      run.emit("composition.stage.completed", {
        ...pair(node),
        success: end.status === "completed",
        ...ending(place, end),
      });
    },
  };
}
