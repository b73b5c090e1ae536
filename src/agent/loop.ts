/**
 * The loop of reasoning and acting: think, call tools, look at what they return, and again.
 *
 * What is built on top has its place: termination conditions join the list in `stop_checks.ts`; hooks
 * around the model and the tools wrap `callModel()` and `ToolBatch`; grounding judges an answer before
 * `takeTurn()` accepts it; reflexion follows `endTurn()`; a checkpointer saves in `endTurn()`,
 * `pause()` and `finish()`, and loads in `begin()`.
 */

import { abortable } from "@std/async";
import { instructionsFor, remindersFor } from "./completion.ts";
import { type AgentEvent, createEvent } from "./events.ts";
import { runAfterInvocation, runBeforeInvocation } from "./hooks.ts";
import { systemMessage, userMessage } from "./messages.ts";
import { callModel } from "./model_call.ts";
import { toFunctionTools, toPrompt } from "./model/request.ts";
import type { ModelResponse } from "./model/response.ts";
import type { StopReason } from "./result.ts";
import type { PausedRun, RunHandle } from "./run_handle.ts";
import type { AgentState } from "./state.ts";
import { finalMessageFor, findStopReason } from "./stop_checks.ts";
import { summarize } from "./summary.ts";
import type { PausedBatch } from "./tool_batch.ts";
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
  try {
    run.open();
    let ending = "paused" in run.start
      ? yield* goOn(run, run.start.paused, run.start.response)
      : await abortable(begin(run, run.start.prompt), run.signal);
    while (ending === null) {
      const reason = findStopReason(run);
      ending = reason === null ? yield* takeTurn(run) : yield* stop(run, reason);
    }
    yield "batch" in ending ? pause(run, ending.batch) : terminate(run, ending);
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
  | { readonly reason: StopReason; readonly message: string | null; readonly error?: string }
  | { readonly batch: PausedBatch };

async function begin(run: RunHandle, prompt: string): Promise<null> {
  run.signal.throwIfAborted();
  const { systemPrompt, hooks } = run.config;
  const { metadata } = run.state;
  const instruction = typeof systemPrompt === "string"
    ? systemPrompt
    : await systemPrompt({ prompt, metadata });
  // Providers refuse empty messages.
  if (instruction) run.append(systemMessage(instruction));
  run.append(userMessage(prompt));
  run.update(await runBeforeInvocation(hooks, prompt, run.state));
  return null;
}

/** Goes on where a tool asked a person. */
async function* goOn(
  run: RunHandle,
  paused: PausedRun,
  response: unknown,
): AsyncGenerator<AgentEvent, Ending | null> {
  run.update({ pending_interrupt: null });
  const batch = yield* resumeTools(run, paused, response);
  return batch === null ? endTurn(run, paused.batch.response, paused.state) : { batch };
}

async function* takeTurn(run: RunHandle): AsyncGenerator<AgentEvent, Ending | null> {
  const { model, planning, completionMode } = run.config;
  const iteration = run.state.iteration;
  run.update({ iteration: iteration + 1 });
  run.append(...instructionsFor(run));

  const prompt = toPrompt(run.state.messages);
  const tools = toFunctionTools(run.tools.values());
  const response = yield* callModel(run, model, { prompt, tools });
  if (planning && iteration === 0) {
    run.update({ metadata: Object.freeze({ ...run.state.metadata, plan: response.content }) });
  }

  const { content, reasoning, tool_calls } = response;
  yield createEvent("think", { iteration, reasoning: reasoning ?? content, tool_calls });
  if (tool_calls.length === 0 && completionMode === "auto") {
    return { reason: "complete", message: content };
  }

  const before = run.state;
  const batch = yield* runTools(run, response);
  return batch === null ? endTurn(run, response, before) : { batch };
}

/** Notes what a turn came to. @param before The state before its tools were called. */
function endTurn(run: RunHandle, response: ModelResponse, before: AgentState): null {
  const executions = run.state.tool_executions.slice(before.tool_executions.length);
  run.append(...remindersFor(run, executions));
  run.update({
    reasoning_steps: [
      ...run.state.reasoning_steps,
      Object.freeze({
        iteration: run.state.iteration - 1,
        thought: response.reasoning ?? response.content,
        tool_calls: response.tool_calls,
        tool_results: executions.map((execution) => contentFor(execution)),
        timestamp: new Date().toISOString(),
      }),
    ],
  });
  return null;
}

async function* stop(run: RunHandle, reason: StopReason): AsyncGenerator<AgentEvent, Ending> {
  const message = reason === "max_iterations"
    ? yield* summarize(run)
    : finalMessageFor(run, reason);
  return { reason, message };
}

function pause(run: RunHandle, batch: PausedBatch): AgentEvent {
  const { question, index } = batch;
  const { call, args } = batch.prepared[index]!;
  run.update({
    pending_interrupt: Object.freeze({
      ...question,
      tool_call_id: call.id,
      tool_name: call.name,
      arguments: args,
      iteration: run.state.iteration - 1,
    }),
  });
  run.end("interrupted", question.question);
  const progress = { ...run.progress, elapsedMs: run.elapsedMs() };
  // Before the event: whoever gets it may resume at once.
  run.paused.add(question.interrupt_id, { state: run.state, progress, batch });
  return createEvent("interrupt", { ...question });
}

function terminate(run: RunHandle, ending: Exclude<Ending, { batch: PausedBatch }>): AgentEvent {
  const { reason, message, error } = ending;
  run.end(reason, message, error ?? null);
  return createEvent("terminate", {
    reason,
    iterations_used: run.state.iteration,
    final_confidence: run.state.confidence,
    total_tool_calls: run.progress.toolCalls,
    final_message: message,
  });
}

async function finish(run: RunHandle): Promise<void> {
  run.close();
  const { outputKey, hooks } = run.config;
  if (outputKey !== null && run.finalMessage !== null) {
    const { metadata } = run.state;
    run.update({ metadata: Object.freeze({ ...metadata, [outputKey]: run.finalMessage }) });
  }
  await runAfterInvocation(hooks, run.state, run.success);
  run.conclude();
}
