/**
 * The loop of reasoning and acting: think, call tools, look at what they return, and again.
 *
 * What is built on top has its place: hooks around the model and the tools wrap `callModel()` and
 * `ToolBatch`; checkpoints are loaded in `begin()` or `takeUp()`, and saved in `endTurn()`, `pause()` and
 * `finish()`.
 */

import { abortable } from "@std/async";
import { instructionsFor, remindersFor } from "./completion.ts";
import { continueThread } from "./checkpoint/continue_thread.ts";
import { type AgentEvent, createEvent } from "./events.ts";
import { userMessage } from "./messages.ts";
import { callModel } from "./model_call.ts";
import type { ModelResponse } from "./model/response.ts";
import { pause, takeUp } from "./pause.ts";
import type { PausedRun, RunHandle } from "./run_handle.ts";
import { structureAnswer } from "./output/structured_answer.ts";
import { traceCauses } from "./reasoning/causal/trace_causes.ts";
import { groundAnswer } from "./reasoning/grounding.ts";
import { judgeAnswer } from "./reasoning/gsar/gsar.ts";
import { reflect } from "./reasoning/reflexion.ts";
import type { AgentState, ToolExecution } from "./state.ts";
import { finalMessageFor, findStop, type Stop } from "./stop_checks.ts";
import { summarize } from "./summary.ts";
import { toStopReason } from "../events/stop_reason.ts";
import type { PausedBatch } from "./tool_plan.ts";
import { contentFor } from "./tool_outcome.ts";
import { resumeTools, runTools } from "./tool_phase.ts";
import { errorText } from "./tools/result_text.ts";

/**
 * One run, or one segment of it: from a prompt or an answer to the end or the next question.
 *
 * - Exactly one `terminate`, the last event; none if the run waits for a person (then `interrupt` is
 *   the last one) or its consumer leaves before.
 * - Cancelling is an end like any other. A failure is told by `terminate`, and then thrown.
 * - However the segment ends, the hooks after it run, and nothing of it is left behind.
 */
export async function* runLoop(run: RunHandle): AsyncGenerator<AgentEvent, void> {
  run.open();
  const paused = await takeUp(run);
  try {
    let ending = "prompt" in run.start
      ? await abortable(begin(run, run.start.prompt), run.signal)
      : yield* goOn(run, paused!, run.start.response);
    while (ending === null) {
      await run.hooks.iterationEnd();
      const stop = findStop(run);
      ending = stop === null ? yield* takeTurn(run) : yield* endEarly(run, stop);
    }
    // A turn that waits for a person has not ended.
    if ("batch" in ending) run.hooks.iterationPaused();
    else await run.hooks.iterationEnd();
    const { output, gsar } = run.config;
    if (output !== null && !("batch" in ending)) {
      ending = yield* structureAnswer(run, output, ending);
    }
    if (gsar !== null && !("batch" in ending)) await judgeAnswer(run, gsar, ending);
    yield "batch" in ending ? await pause(run, ending.batch) : terminate(run, ending);
  } catch (error) {
    if (run.signal.aborted) {
      yield terminate(run, { reason: "cancelled", message: finalMessageFor(run, "cancelled") });
    } else {
      const text = errorText(error);
      run.update({ errors: [...run.state.errors, text] });
      yield terminate(run, { reason: "error", message: null, error: text });
      throw error;
    }
  } finally {
    await finish(run);
  }
}

type Ending =
  | { readonly reason: string; readonly message: string | null; readonly error?: string }
  | { readonly batch: PausedBatch };

async function begin(run: RunHandle, prompt: string): Promise<null> {
  run.signal.throwIfAborted();
  const stored = await run.checkpoints?.open() ?? null;
  if (stored !== null) continueThread(run, stored);
  const { systemPrompt, output } = run.config;
  const { metadata } = run.state;
  const instruction = typeof systemPrompt === "string"
    ? systemPrompt
    : await systemPrompt({ prompt, metadata });
  const instructions = [instruction, output?.instruction].filter((text) => text).join("\n\n");
  run.instruct(instructions);
  run.append(userMessage(prompt));
  await run.hooks.beforeInvocation(prompt);
  // Hooks may have left out what was said before.
  run.progress.firstMessage = run.state.messages.findLastIndex(({ role }) => role === "user");
  return null;
}

/** Goes on where a tool asked a person. */
async function* goOn(
  run: RunHandle,
  paused: PausedRun,
  response: unknown,
): AsyncGenerator<AgentEvent, Ending | null> {
  run.update({ pending_interrupt: null });
  run.hooks.iterationResumed(run.state.iteration - 1);
  const batch = yield* resumeTools(run, paused, response);
  if (batch !== null) return { batch };
  yield* endTurn(run, paused.batch.response, paused.state);
  return null;
}

async function* takeTurn(run: RunHandle): AsyncGenerator<AgentEvent, Ending | null> {
  const { model, planning, completionMode, output } = run.config;
  const iteration = run.state.iteration;
  run.update({ iteration: iteration + 1 });
  await run.hooks.iterationStart(iteration);
  run.append(...instructionsFor(run));

  const { messages } = run.state;
  const response = yield* callModel(run, model, {
    messages,
    tools: run.tools.values(),
    responseFormat: output?.format,
  });
  if (planning && iteration === 0) {
    run.update({ metadata: Object.freeze({ ...run.state.metadata, plan: response.content }) });
  }

  const { content, reasoning, tool_calls } = response;
  yield createEvent("think", { iteration, reasoning: reasoning ?? content, tool_calls });
  if (tool_calls.length === 0 && completionMode === "auto") {
    const reason = yield* groundAnswer(run, content);
    if (reason !== null) return { reason, message: content };
    // Not reflected on: a refused answer must not make the agent sure enough to stop.
    noteStep(run, response, []);
    return null;
  }

  const before = run.state;
  const batch = yield* runTools(run, response);
  if (batch !== null) return { batch };
  yield* endTurn(run, response, before);
  return null;
}

/** Notes what a turn came to. @param before The state before its tools were called. */
async function* endTurn(
  run: RunHandle,
  response: ModelResponse,
  before: AgentState,
): AsyncGenerator<AgentEvent, void> {
  const executions = run.state.tool_executions.slice(before.tool_executions.length);
  run.append(...remindersFor(run, executions));
  noteStep(run, response, executions);
  // Delegating takes its time even where nothing comes of it.
  const { causal, reflexion } = run.config;
  if (causal !== null) yield* traceCauses(run, causal, executions);
  if (reflexion !== null) yield* reflect(run, executions);
  await run.checkpoints?.saveTurn();
}

function noteStep(
  run: RunHandle,
  response: ModelResponse,
  executions: readonly ToolExecution[],
): void {
  run.update({
    reasoning_steps: [
      ...run.state.reasoning_steps,
      Object.freeze({
        iteration: run.state.iteration - 1,
        thought: response.reasoning ?? response.content,
        tool_calls: response.tool_calls,
        tool_results: executions.map((execution) => contentFor(execution)),
        reflection: null,
        confidence_delta: 0,
        timestamp: new Date().toISOString(),
      }),
    ],
  });
}

async function* endEarly(
  run: RunHandle,
  { reason, wantsSummary }: Stop,
): AsyncGenerator<AgentEvent, Ending> {
  const message = wantsSummary ? yield* summarize(run) : finalMessageFor(run, reason);
  return { reason, message };
}

function terminate(run: RunHandle, ending: Exclude<Ending, { batch: PausedBatch }>): AgentEvent {
  const { reason, message, error } = ending;
  run.end(toStopReason(reason), message, error ?? null);
  return createEvent("terminate", {
    reason,
    iterations_used: run.state.iteration,
    final_confidence: run.state.confidence,
    total_tool_calls: run.progress.toolCalls,
    final_message: message,
  });
}

async function finish(run: RunHandle): Promise<void> {
  run.leave();
  const { outputKey } = run.config;
  if (outputKey !== null && run.finalMessage !== null) {
    const { metadata } = run.state;
    run.update({ metadata: Object.freeze({ ...metadata, [outputKey]: run.finalMessage }) });
  }
  await run.hooks.afterInvocation();
  await run.checkpoints?.close();
  run.close();
  run.conclude();
}
