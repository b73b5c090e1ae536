import { checkOptions } from "../core/options.ts";
import { ambientRun, type AnyRun, type RunContextOptions } from "../core/run/run_context.ts";
import { withRun } from "../core/run/with_run.ts";
import type {
  GraphInterrupt,
  GraphResult,
  GraphResumeOptions,
  GraphRunOptions,
  GraphStopReason,
} from "../graph/types/graph.ts";
import type { ResearchCitation, ResearchFact, ResearchState, ResearchStopReason } from "./state.ts";
import type { ResearchWorkflow } from "./workflow.ts";

/** What a research came to. */
export interface ResearchResult {
  /** `grounded` if the summary is supported, else why it ended all the same; a {@linkcode GraphStopReason} if it did not end. */
  readonly stop_reason:
    | ResearchStopReason
    | Exclude<GraphStopReason, "end" | "exhausted">;
  /** The answer. */
  readonly summary: string;
  /** The answer of `outputSchema`; null without one. */
  readonly structured_output: unknown;
  /** Mean support of the claims, 0 to 1. */
  readonly score: number;
  /** The claims of the summary, with where they have their support. */
  readonly citations: readonly ResearchCitation[];
  /** Everything that was found, also by plans that were given up. */
  readonly facts: readonly ResearchFact[];
  /** How often it searched again. */
  readonly replans: number;
  /** How often the summary was written again. */
  readonly regenerations: number;
  /** What went wrong; null if nothing did. */
  readonly error: string | null;
  /** What it waits to be told: {@linkcode resumeResearch}. */
  readonly interrupts: readonly GraphInterrupt[];
  /** The thread: name it to go on. */
  readonly thread_id: string;
}

/** Options of {@linkcode runResearch}. */
export interface ResearchRunOptions
  extends
    Pick<GraphRunOptions, "threadId" | "checkpointer" | "signal">,
    Pick<RunContextOptions, "runId" | "bus" | "content"> {
  /** The run to publish to, where no context reaches. @default {the current run} */
  run?: AnyRun;
}

/** Options of {@linkcode resumeResearch} and {@linkcode recoverResearch}. */
export interface ResearchThreadOptions extends ResearchRunOptions {
  /** The thread that is gone on with. */
  threadId: string;
  /** Which question is answered, where several wait. */
  interruptId?: string;
}

/**
 * Researches a question. Inside of a run it is a part of it; otherwise it is a run of its own, which `withRun()` ends. Says
 * `research.completed` at its end, however that comes.
 *
 * @throws {TypeError} If an option is unknown or of the wrong type.
 */
export function runResearch(
  workflow: ResearchWorkflow,
  prompt: string,
  options: ResearchRunOptions = {},
): Promise<ResearchResult> {
  if (typeof prompt !== "string" || prompt === "") {
    throw new TypeError("runResearch(): the prompt must be a text that is not empty");
  }
  return research("runResearch()", prompt, options, (at) => workflow.execute({ prompt }, at));
}

/** Answers a question of a research, in any process that has its checkpointer, and goes on. */
export function resumeResearch(
  workflow: ResearchWorkflow,
  answer: unknown,
  options: ResearchThreadOptions,
): Promise<ResearchResult> {
  return research("resumeResearch()", "", options, (at) => workflow.resume(answer, at));
}

/** Goes on with a research that a crash, an abort or a failure has ended. No call that had ended is repeated. */
export function recoverResearch(
  workflow: ResearchWorkflow,
  options: ResearchThreadOptions,
): Promise<ResearchResult> {
  return research("recoverResearch()", "", options, (at) => workflow.recover(at));
}

async function research(
  owner: string,
  input: string,
  options: ResearchRunOptions,
  go: (options: GraphResumeOptions & { threadId: string }) => Promise<GraphResult<ResearchState>>,
): Promise<ResearchResult> {
  checkOptions(owner, options, KNOWN);
  const { runId, bus, content, run: given, ...at } = options;
  const inside = async (run: AnyRun) => {
    const result = resultOf(await go({ ...at, run } as never));
    if (result.stop_reason !== "interrupted") tell(run, result);
    return result;
  };
  const outer = given ?? ambientRun();
  if (outer !== undefined && runId === undefined) return await inside(outer);
  return await withRun({ name: "research", input, runId, bus, content }, inside);
}

function tell(run: AnyRun, { summary, replans, regenerations, ...result }: ResearchResult): void {
  run.emit("research.completed", {
    stop_reason: result.stop_reason,
    score: result.score,
    replans,
    regenerations,
    summary_length: [...summary].length,
    error: result.error,
    span_id: run.spanId,
  });
}

function resultOf({ state, ...run }: GraphResult<ResearchState>): ResearchResult {
  const [node] = Object.keys(run.errors);
  const ended = run.stop_reason === "end" || run.stop_reason === "exhausted";
  return {
    stop_reason: ended ? state.stop_reason ?? "grounded" : run.stop_reason as "failed",
    summary: state.summary,
    structured_output: state.structured_output,
    score: state.grounding_score,
    citations: state.citations,
    facts: state.ledger,
    replans: state.replan_count,
    regenerations: state.regeneration_count,
    error: node === undefined ? null : `${node}: ${run.errors[node]}`,
    interrupts: run.interrupts,
    thread_id: run.thread_id,
  };
}

const KNOWN = [
  "threadId",
  "checkpointer",
  "signal",
  "runId",
  "bus",
  "content",
  "run",
  "interruptId",
];
