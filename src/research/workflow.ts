import { END, START } from "../graph/commands.ts";
import { graph } from "../graph/graph.ts";
import type { Graph } from "../graph/types/graph.ts";
import { readResearch, type ResearchOptions } from "./options.ts";
import * as phases from "./phases.ts";
import { fields, type ResearchState } from "./state.ts";

/** A research, as a graph: it has threads, a history and a drawing as any graph. */
export type ResearchWorkflow = Graph<
  ResearchState,
  { readonly prompt?: string }
>;

/**
 * Makes a workflow that searches for evidence, writes a summary of it, and checks each claim against what was found. Claims that
 * nothing supports make it write again, and then search again.
 *
 * With a thread it is saved behind each phase, and within a phase behind each answer of a model and each result of a tool: what
 * goes on after a crash repeats none of them.
 *
 * @throws {TypeError | RangeError} If an option is missing, unknown, or not what it must be.
 */
export function createResearchWorkflow(options: ResearchOptions): ResearchWorkflow {
  const settings = readResearch(options);
  const { causalInference, clarify, maxReplans, maxRegenerations } = settings;
  const first = clarify ? "scope" : "execute";
  const explain = causalInference ? "causal_inference" : "summarize";
  return graph(
    {
      id: "research",
      state: fields,
      nodes: {
        ...clarify && { scope: phases.clarifying(settings) },
        execute: phases.searching(settings),
        ...causalInference && { causal_inference: phases.explaining(settings) },
        summarize: phases.summarizing(settings),
        grounding_eval: phases.judging(settings),
        regenerate: phases.regenerating(settings),
        replan: phases.replanning(settings),
      },
      edges: {
        [START]: first,
        ...clarify && { scope: "execute" },
        execute: explain,
        ...causalInference && { causal_inference: "summarize" },
        summarize: "grounding_eval",
        grounding_eval: (s: ResearchState) =>
          s.stop_reason !== null
            ? END
            : s.regeneration_count < maxRegenerations
            ? "regenerate"
            : "replan",
        regenerate: "grounding_eval",
        replan: "execute",
      },
      maxIterations: 10 + 6 * (maxReplans + maxRegenerations),
      onFailure: "stop",
    } as never,
  ) as object as ResearchWorkflow;
}
