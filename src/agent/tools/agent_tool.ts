/** An agent as a tool of another one. */

import { randomHex } from "../../core/random_hex.ts";
import type { Run } from "../../core/run/run_context.ts";
import { abortable } from "../../core/waits.ts";
import { withRun } from "../../core/run/with_run.ts";
import { flag, optionalFunction, readBy, unchecked } from "../../core/option_rules.ts";
import { endOpen } from "../../core/run/open_work.ts";
import type { AgentState } from "../state/state.ts";
import { isRecord } from "../../core/json.ts";
import type { ToolContext } from "./context.ts";
import { keptOf, UNSTOPPED } from "./kept.ts";
import { type Tool, tool } from "./tool.ts";

/** What a sub-agent comes to, as far as its tool needs to know; it is an `AgentResult`. */
export interface SubAgentResult {
  /** The answer; `""` if there is none. */
  readonly message: string;
  /** Why it ended. */
  readonly stop_reason: string;
  /** Whether it did what it was asked. */
  readonly success: boolean;
  /** Why there is no whole answer; null if there is, or a limit was met. */
  readonly error: string | null;
  /** Everything about the run that outlives it. */
  readonly state: Pick<AgentState, "pending_interrupt">;
}

interface SubOptions {
  readonly signal: AbortSignal;
  readonly run: Run | null;
}

export interface SubAgent {
  readonly agentId: string | null;
  invoke(prompt: string, options: SubOptions): Promise<SubAgentResult>;
  resume(
    answer: unknown,
    options: SubOptions & { readonly interruptId: string },
  ): AsyncIterator<unknown> & { readonly result: SubAgentResult | null };
}

/** The runs of that agent that wait for a person, as data: the caller keeps them with its own. */
export interface SubRuns {
  /** The run that waits for this answer: JSON; undefined if there is none. */
  keep(interruptId: string): unknown;
  /**
   * Takes one in that was kept, unless it is here.
   *
   * @throws {CheckpointError} If it is not what `keep()` returned.
   * @throws {InterruptError} If the agent cannot go on with it.
   */
  restore(kept: unknown, signal: AbortSignal): Promise<void>;
}

/** Options of {@linkcode Agent.asTool}. */
export interface AgentToolOptions {
  /** By which the other agent calls it. @default {the agentId, or "sub_agent"} */
  name?: string;
  /** What the other agent is told about it. @default {"Give a task to the agent <name>"} */
  description?: string;
  /**
   * Whether its events go to a run of their own, which is a child of the caller's: there, a span of kind `run`
   * says which it is. It is closed when the agent is done. @default {false}
   */
  isolate?: boolean;
  /** What the other agent gets of a result. @default {its message, or a sentence on why there is no whole answer} */
  output?(result: SubAgentResult): unknown;
}

/** Makes the tool. @throws {TypeError} If an option is unknown or of the wrong type. */
export function agentTool(
  agent: SubAgent,
  options: AgentToolOptions,
  runs: SubRuns,
): Tool {
  const read = readBy("asTool()", options, {
    name: unchecked(agent.agentId ?? "sub_agent"),
    description: unchecked<string | undefined>(undefined),
    isolate: flag(false),
    output: optionalFunction<NonNullable<AgentToolOptions["output"]>>(),
  });
  const { name, isolate, output = (result: SubAgentResult) => textOf(name, result) } = read;
  const { description = `Give a task to the agent ${name}` } = read;
  const made = tool<{ prompt: string }>({
    name,
    description,
    parameters: {
      type: "object",
      properties: { prompt: { type: "string", description: "The task, with all it needs." } },
      required: ["prompt"],
    },
    execute: async ({ prompt }, context) => {
      return output(await callAgent(agent, runs, prompt, context, isolate ? name : null));
    },
  }) as Tool;
  return Object.freeze({ ...made, [UNSTOPPED]: true });
}

function textOf(
  name: string,
  { message, stop_reason, success, error }: SubAgentResult,
): string {
  return success
    ? message
    : `The agent ${name} stopped early (${error ?? stop_reason}): ${message}`;
}

/** A question of a sub-agent that its caller passes on, and the run that waits for the answer. */
interface Asked {
  readonly interrupt_id: string;
  /** Which question of the call it is, from 1. */
  readonly count: number;
  readonly bus_run_id: string;
  readonly run: unknown;
}

/**
 * One call of the tool. When the sub-agent asks a person, the caller does so in its place: it pauses, and keeps the
 * sub-agent's run with its own. When it is resumed, this call is made again and goes on with that run, also in another process.
 *
 * @param runName What the sub-agent's run is called; null if it has none of its own.
 */
async function callAgent(
  agent: SubAgent,
  runs: SubRuns,
  prompt: string,
  context: ToolContext,
  runName: string | null,
): Promise<SubAgentResult> {
  const { run: outer, signal, interrupt } = context;
  const kept = keptOf(context);
  const before = readAsked(kept.value);
  const runId = before?.bus_run_id ?? randomHex(32);
  let count = 0;
  // A hook has the call made again: what was answered before is not the answer to what is asked now.
  for (const answered = answeredOf(kept.value); count < answered; count++) interrupt("");
  let result: SubAgentResult;
  if (before === null) result = await segment((run) => agent.invoke(prompt, { signal, run }));
  else {
    await runs.restore(before.run, signal);
    // Those before were passed on already.
    while (++count < before.count) interrupt("");
    result = await resume(interrupt(""), before.interrupt_id);
  }
  while (result.state.pending_interrupt !== null) {
    const { interrupt_id, question, options, metadata } = result.state.pending_interrupt;
    const run = runs.keep(interrupt_id);
    kept.value = { interrupt_id, count: ++count, bus_run_id: runId, run };
    const answer = interrupt({ question, options: options ?? undefined }, metadata);
    result = await resume(answer, interrupt_id);
  }
  return result;

  function resume(answer: unknown, interruptId: string): Promise<SubAgentResult> {
    kept.value = { answered: count };
    return segment(async (run) => {
      const events = agent.resume(answer, { interruptId, signal, run });
      while (!(await events.next()).done);
      return events.result!;
    });
  }

  /** Runs the agent up to its end or its next question: in the run of the caller, or in one of its own. */
  function segment(work: (run: Run | null) => Promise<SubAgentResult>): Promise<SubAgentResult> {
    if (outer === undefined || runName === null) return work(outer ?? null);
    const { bus } = outer;
    return withRun({ runId, bus, parent: outer, name: runName, input: prompt }, (own) => {
      // The caller does not wait for what it stops, and its own end must not come before this one.
      own.onEnd(() => endOpen(own, false));
      return abortable(work(own), signal);
    });
  }
}

/** How many questions of a call are answered, if none is open. */
function answeredOf(kept: unknown): number {
  return isRecord(kept) && typeof kept.answered === "number" ? kept.answered : 0;
}

/** What was kept comes from a store, where anything may be. */
function readAsked(kept: unknown): Asked | null {
  if (!isRecord(kept)) return null;
  const { interrupt_id, count, bus_run_id, run } = kept;
  if (typeof interrupt_id !== "string" || typeof bus_run_id !== "string") return null;
  return typeof count === "number" ? { interrupt_id, count, bus_run_id, run } : null;
}
