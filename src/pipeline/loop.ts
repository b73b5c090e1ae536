import { checkText } from "../core/checks.ts";
import { checkCount, checkFunction, checkOptions } from "../core/options.ts";
import type { Voice } from "../graph/engine/voice.ts";
import { type Awaitable, END, type NodeContext, START } from "../graph/mod.ts";
import { makePipeline, type PipelineState, type PipelineUpdate } from "./pipeline.ts";
import { fill, NEXT_ROUND } from "./prompt.ts";
import { readStage } from "./stage.ts";
import { beginning, ending } from "./tell.ts";
import type { Pipeline, Stage } from "./types.ts";

/** Options of {@linkcode loop}. */
export interface LoopOptions {
  /** Its name, for events. @default {"loop"} */
  readonly id?: string;
  /** How many rounds there may be, from 1 to 50. @default {5} */
  readonly maxLoops?: number;
  /**
   * What an agent is asked in each round but the first: `{previous_output}` and `{task}`, which is the loop's input, are
   * replaced.
   *
   * @default {the previous output, then to improve it}
   */
  readonly loopPrompt?: string;
}

/**
 * Makes a pipeline that runs one stage again and again, each time with what it handed on before, until a condition holds.
 *
 * After `maxLoops` rounds it is over as well, with its last output and the `stop_reason` `max_loops`.
 *
 * @param condition Whether an output is good enough. `iteration` counts the rounds, from 0.
 * @throws {TypeError} If the stage or the condition is none, or an option is unknown or of the wrong type.
 * @throws {RangeError} If `maxLoops` is not a whole number from 1 to 50.
 *
 * @example
 * ```ts
 * import { loop } from "@locus/core/pipeline";
 * import { assertEquals } from "@std/assert";
 *
 * const halve = loop((n: number) => n / 2, (n) => n < 10);
 * assertEquals(await halve.invoke(64), 8);
 *
 * const { stop_reason } = await halve.execute(1e6);
 * assertEquals(stop_reason, "max_loops");
 * ```
 */
export function loop<T>(
  stage: Stage<T, T>,
  condition: (output: T, iteration: number) => Awaitable<boolean>,
  options: LoopOptions = {},
): Pipeline<T, T> {
  const owner = "loop()";
  checkOptions(owner, options, ["id", "maxLoops", "loopPrompt"]);
  const { id = "loop", maxLoops = 5, loopPrompt = NEXT_ROUND } = options;
  if (checkCount(owner, "maxLoops", maxLoops, 1) > MAX_LOOPS) {
    throw new RangeError(`${owner}: "maxLoops" must be ${MAX_LOOPS} at most, got ${maxLoops}`);
  }
  checkText(owner, "loopPrompt", loopPrompt);
  checkFunction(owner, "condition", condition ?? null);
  const known = readStage(`${owner}: the stage`, stage);
  const run = async (
    { input, outputs }: PipelineState,
    ctx: NodeContext,
  ): Promise<PipelineUpdate> => {
    const nth = Object.keys(outputs).length;
    const [previous] = nth === 0 ? [input] : outputs[nth - 1]!;
    const isAsked = nth > 0 && known.kind === "agent";
    const given = isAsked ? fill(loopPrompt, previous, input) : previous;
    const output = await known.run(given, ctx) ?? null;
    const isMet = await condition(output as T, nth);
    const over = isMet ? "condition" : nth + 1 === maxLoops ? "max_loops" : null;
    return { outputs: { [nth]: [output] }, over };
  };
  return makePipeline({
    owner,
    id,
    nodes: { [NODE]: { ...known.node, run } },
    edges: { [START]: NODE, [NODE]: ({ over }: PipelineState) => over === null ? NODE : END },
    onFailure: "stop",
    places: maxLoops,
    voice: () => voiceOf(maxLoops),
    output: (outputs, isWhole) => isWhole ? outputs.at(-1) : null,
    place: (node, outputs) => `${node}[${outputs.length}]`,
  });
}

const NODE = "iteration";
const MAX_LOOPS = 50;

function voiceOf(max_loops: number): Voice {
  const start = performance.now();
  let begun = 0;
  let over: PipelineState["over"] = null;
  const count = (state: object) => Object.keys((state as PipelineState).outputs).length;
  return {
    kind: "loop",
    enter(run, { state }) {
      begun = count(state);
      return run;
    },
    started(run, place, _, details) {
      const iteration = count(details.state);
      begun = iteration + 1;
      run.emit("composition.loop.iteration.started", {
        iteration,
        max_loops,
        ...place,
        ...beginning(details),
      });
    },
    completed(run, place, _, { state }, end) {
      const { over: why } = (end.update ?? {}) as PipelineUpdate;
      over = why ?? null;
      run.emit("composition.loop.iteration.completed", {
        iteration: count(state),
        condition_met: end.update === undefined ? null : over === "condition",
        ...ending(place, end),
      });
    },
    leave(run, reason) {
      // It is not over then.
      if (reason === "interrupted" || reason === "drained") return;
      run.emit("composition.loop.terminated", {
        iterations_run: begun,
        terminated_by: over ?? "error",
        duration_ms: performance.now() - start,
        span_id: run.spanId,
      });
    },
  };
}
