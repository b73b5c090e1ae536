/**
 * The loop of reasoning and acting: think, call tools, look at what they return, and again.
 *
 * Everything else is a feature, which is asked at named points (`feature.ts`), or the port that keeps runs
 * (`run_persistence.ts`). On the bus, what the loop yields is published by the iterator that drives it, which also ends the span.
 */

import { toTimestamp } from "../../core/timestamp.ts";
import { abortable } from "../../core/waits.ts";
import { type AgentEvent, createEvent } from "../state/events.ts";
import { asGiven, completeCalls, userMessage } from "../state/messages.ts";
import type { ReadPrompt } from "../state/read_prompt.ts";
import { callModel, isPaused } from "./model_call.ts";
import type { ModelResponse } from "../model/response.ts";
import {
  type Ended,
  outcomeOf,
  pause,
  problemOf,
  summarizeRun,
  terminateEvent,
} from "./outcome.ts";
import type { Verdict } from "./feature.ts";
import type { Conversation, PausedRun } from "./run_persistence.ts";
import type { RunSegment } from "./run_segment.ts";
import type { AgentState, ToolExecution } from "../state/state.ts";
import { type Steps, until } from "../state/steps.ts";
import { finalMessageFor, findStop, reasonOf, type Stop } from "./stop_checks.ts";
import { isSuccess, toStopReason } from "../../events/stop_reason.ts";
import type { PausedBatch } from "./tool_calls/tool_plan.ts";
import { contentFor, NOT_EXECUTED } from "../tools/outcome.ts";
import { resumeTools, runTools, settle } from "./tool_calls/run_tools.ts";
import { errorText } from "../state/texts.ts";

/**
 * One run, or one segment of it: from a prompt or an answer to the end or the next question.
 *
 * - Exactly one `terminate`, the last event; none if the run waits for a person (then `interrupt` is
 *   the last one) or its consumer leaves before.
 * - Cancelling is an end like any other, and so is the end of its time, whatever it waits for. A failure is told by `terminate`, and then thrown.
 * - However the segment ends, its features are told, and nothing of it is left behind.
 */
export function* runLoop(run: RunSegment, paused: PausedRun | null): Steps<void> {
  try {
    let ending = "prompt" in run.start
      ? yield* until(abortable(begin(run, run.start), run.signal))
      : yield* goOn(run, paused!, run.start.response);
    while (ending === null) {
      yield* endOpenTurn(run);
      const stop = findStop(run, run.settings.stopChecks);
      ending = stop === null ? yield* takeTurn(run) : yield* endEarly(run, stop);
    }
    // A turn that waits for a person has not ended.
    if ("batch" in ending) run.openTurn = null;
    else {
      yield* endOpenTurn(run);
      for (const feature of run.features.ending) ending = yield* feature.ending(run, ending);
    }
    yield "batch" in ending ? yield* until(pause(run, ending.batch)) : terminate(run, ending);
  } catch (error) {
    if (run.signal.aborted) {
      const reason = reasonOf(run.signal);
      yield terminate(run, { reason, message: finalMessageFor(run, reason) });
    } else {
      const text = errorText(error);
      run.update({ errors: [...run.state.errors, text] });
      yield terminate(run, { reason: "error", message: null, error: text, failure: { error } });
      throw error;
    }
  } finally {
    yield* finish(run);
  }
}

type Ending = Ended & { readonly error?: string } | { readonly batch: PausedBatch };

async function begin(run: RunSegment, { prompt, files, history }: ReadPrompt): Promise<null> {
  run.signal.throwIfAborted();
  const opening = run.persistence.open(run);
  if (opening !== null) continueConversation(run, await opening);
  const { systemPrompt, instruction: further } = run.settings;
  const { metadata } = run.state;
  const instruction = typeof systemPrompt === "string"
    ? systemPrompt
    : await systemPrompt({ prompt, metadata });
  // It may have come too late: the run is over, and its hooks were told so.
  run.signal.throwIfAborted();
  const instructions = [instruction, further].filter((text) => text).join("\n\n");
  run.instruct(instructions);
  // A conversation of this agent repeats what it was told.
  const said = history.filter(({ role, content }) => role !== "system" || content !== instructions);
  run.append(...said.map(asGiven), userMessage(prompt, files));
  const replaceState = (state: AgentState) => run.update(state);
  for (const feature of run.features.start) {
    const pending = feature.start(run, prompt, replaceState);
    if (pending !== undefined) await pending;
  }
  // Hooks may have left out what was said before.
  run.counters.firstMessage = run.state.messages.findLastIndex(({ role }) => role === "user");
  return null;
}

/** Begins with what was said before. All counters and limits of a run start again. */
function continueConversation(run: RunSegment, conversation: Conversation | null): void {
  if (conversation === null) return;
  const { messages, tool_executions, metadata, features = {} } = conversation;
  run.update({
    messages,
    tool_executions,
    metadata: Object.freeze({ ...run.settings.metadata, ...metadata, ...run.metadata }),
  });
  for (const feature of run.features.all) {
    const data = features[feature.name];
    if (data !== undefined) feature.carryOver?.(data, messages);
  }
  run.counters.firstExecution = tool_executions.length;
  run.counters.firstMessage = messages.length;
}

function* goOn(
  run: RunSegment,
  paused: PausedRun,
  response: unknown,
): Steps<Ending | null> {
  run.update({ pending_interrupt: null });
  run.persistence.resumed(run);
  tellAnswered(run, paused);
  run.openTurn = run.state.iteration - 1;
  const batch = yield* resumeTools(run, paused, response);
  if (batch !== null) return { batch };
  yield* endTurn(run, paused.batch.response, paused.state);
  return null;
}

function* takeTurn(run: RunSegment): Steps<Ending | null> {
  const { model, responseFormat } = run.settings;
  const iteration = run.state.iteration;
  run.update({ iteration: iteration + 1 });
  run.openTurn = iteration;
  for (const feature of run.features.turnStart) {
    yield* until(feature.turnStart(run, iteration));
  }

  const { messages } = run.state;
  const response = yield* callModel(run, model, {
    messages,
    tools: run.tools.values(),
    responseFormat,
  });

  const { content, reasoning, tool_calls } = response;
  yield createEvent("think", { iteration, reasoning: reasoning ?? content, tool_calls });
  if (isPaused(response)) {
    noteStep(run, response, []);
    return null;
  }
  const verdict = yield* verdictOn(run, response);
  if (verdict?.kind === "final") return { reason: verdict.reason, message: content };
  if (verdict?.kind === "refused") {
    // Not reflected on: a refused answer must not make the agent sure enough to stop.
    noteStep(run, response, []);
    return null;
  }
  if (tool_calls.length === 0 && verdict === undefined) {
    return { reason: "complete", message: content };
  }

  const before = run.state;
  const batch = yield* runTools(run, response);
  if (batch !== null) return { batch };
  yield* endTurn(run, response, before);
  return null;
}

/** What the features say of an answer: the first that says something counts. */
function* verdictOn(run: RunSegment, response: ModelResponse): Steps<Verdict | void> {
  for (const feature of run.features.responded) {
    const said = feature.responded(run, response);
    if (said === undefined) continue;
    const verdict = "kind" in said ? said : yield* said;
    if (verdict !== undefined) return verdict;
  }
}

/** Notes what a turn came to. @param before The state before its tools were called. */
function* endTurn(
  run: RunSegment,
  response: ModelResponse,
  before: AgentState,
): Steps<void> {
  const executions = run.state.tool_executions.slice(before.tool_executions.length);
  noteStep(run, response, executions);
  const turn = { iteration: run.state.iteration - 1, response, executions };
  for (const feature of run.features.acted) {
    const events = feature.acted(run, turn);
    if (events !== undefined) yield* events;
  }
  yield* until(run.persistence.turnEnded(run));
}

function noteStep(
  run: RunSegment,
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
        timestamp: toTimestamp(Date.now()),
      }),
    ],
  });
}

function* endEarly(run: RunSegment, { reason, wantsSummary }: Stop): Steps<Ending> {
  const message = wantsSummary ? yield* summarizeRun(run) : finalMessageFor(run, reason);
  return { reason, message };
}

function terminate(run: RunSegment, ending: Exclude<Ending, { batch: PausedBatch }>): AgentEvent {
  const { reason, message, error } = ending;
  run.end(toStopReason(reason), message, error ?? problemOf(run, reason, message));
  run.outcome = outcomeOf(run, ending);
  return terminateEvent(run, reason, message);
}

function tellAnswered(run: RunSegment, { batch, waits }: PausedRun): void {
  run.span?.emit("agent.interrupt.answered", {
    interrupt_id: batch.open[0].question.interrupt_id,
    by: run.answeredBy,
    waited_ms: waits.since === null ? 0 : Math.max(0, Date.now() - waits.since),
  });
}

function* finish(run: RunSegment): Steps<void> {
  const { leftBatch } = run;
  if (leftBatch !== null) {
    yield* settle(leftBatch);
    leftBatch.close();
  }
  run.leave();
  // However it came here: calls that were never made get their result, or no provider would take the conversation.
  if (!run.isWaiting) {
    run.update({ messages: completeCalls(run.state.messages, NOT_EXECUTED) });
  }
  if (run.isWaiting) run.span?.suspend();
  else run.span?.leave();
  yield* endOpenTurn(run);
  const { ended } = run;
  const outcome = {
    success: ended !== null && isSuccess(ended.stop_reason, ended.error),
    message: ended?.message ?? null,
  };
  for (const feature of run.features.end) {
    yield* until(feature.end(run, outcome));
  }
  yield* until(run.persistence.close(run));
  run.close();
  run.isOver = true;
  run.span?.close();
  tellOutcome(run);
}

function* endOpenTurn(run: RunSegment): Steps<void> {
  const { openTurn } = run;
  if (openTurn === null) return;
  run.openTurn = null;
  for (const feature of run.features.turnEnd) {
    yield* until(feature.turnEnd(run, openTurn));
  }
}

/** Tells the run how it ended, if the agent is not a part of something else in it. */
function tellOutcome({ busRun, span, outcome, isWaiting, ended }: RunSegment): void {
  // That it waits was said before its last event: meanwhile somebody may have gone on with it.
  if (busRun === undefined || span === null || span.isPart || isWaiting) return;
  if (outcome === null || outcome.error_kind === "cancelled") busRun.setOutcome("cancelled");
  else if (outcome.success) busRun.setOutcome("ok");
  else busRun.setOutcome("error", outcome.error ?? `stopped: ${ended?.stop_reason}`);
}
