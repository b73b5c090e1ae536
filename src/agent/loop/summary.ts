/** The last words of a run that has used up its turns. */

import type { AgentEvent } from "../state/events.ts";
import { lastAssistantText, systemMessage } from "../state/messages.ts";
import { callModel } from "./model_call.ts";
import { toPromptWithoutTools } from "../model/request.ts";
import type { RunSegment } from "./run_segment.ts";
import { clip, errorText } from "../state/texts.ts";

/**
 * Asks the auxiliary model to sum up, without tools. If that fails, says what is known.
 *
 * @throws The abort reason, if the run is cancelled meanwhile.
 */
export async function* summarize(run: RunSegment): AsyncGenerator<AgentEvent, string> {
  const before = lastAssistantText(run.state.messages, run.counters.firstMessage);
  run.append(systemMessage(REQUEST));
  try {
    const { content } = yield* callModel(run, run.auxiliaryModel, {
      messages: run.state.messages,
      toPrompt: toPromptWithoutTools,
      responseFormat: run.settings.responseFormat,
      isBeside: true,
      isOptional: true,
    });
    if (content !== null) return content;
  } catch (error) {
    if (run.signal.aborted) throw error;
    run.update({ errors: [...run.state.errors, errorText(error)] });
  }
  return before ?? describeWork(run);
}

function describeWork({ state, counters }: RunSegment): string {
  const executions = state.tool_executions.slice(counters.firstExecution);
  const results = executions.filter(({ result }) => result !== null).slice(-3)
    .map(({ tool_name, result }) => `${tool_name}: ${clip(result ?? "", 150)}`);
  const done = `${state.iteration} iterations with ${counters.toolCalls} tool calls`;
  return [`Stopped after ${done}.`, ...results].join("\n");
}

const REQUEST =
  "No more turns are left, and no tools can be called any more. Sum up for the user " +
  "what you found, what you did, and what is still open.";
