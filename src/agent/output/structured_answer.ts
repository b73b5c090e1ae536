/** Holds the answer of a run to the form that it was asked for. */

import type { AgentEvent } from "../events.ts";
import { canonicalJson, frozenCopy } from "../json.ts";
import { systemMessage } from "../messages.ts";
import { callModel } from "../model_call.ts";
import { type ResponseFormat, toPromptWithoutTools } from "../model/request.ts";
import type { RunHandle } from "../run_handle.ts";
import { toStopReason } from "../../events/stop_reason.ts";
import { errorText } from "../tools/result_text.ts";
import type { OutputConfig } from "./output_config.ts";
import { parseOutput } from "./parse_output.ts";

/** How a run ends, and what it says. */
export interface Answer {
  readonly reason: string;
  readonly message: string | null;
}

/**
 * Reads the value out of an answer, and asks the model to mend one that has none. Notes the value, or
 * what is wrong, for the result.
 *
 * A run that has used up its tokens or its time is not asked again. A model that fails meanwhile leaves
 * the answer as it is.
 *
 * @returns The answer; its message is canonical JSON if there is a value.
 * @throws The abort reason, if the run is cancelled meanwhile.
 */
export async function* structureAnswer(
  run: RunHandle,
  output: OutputConfig,
  { reason, message }: Answer,
): AsyncGenerator<AgentEvent, Answer> {
  const stopReason = toStopReason(reason);
  if (stopReason === "cancelled" || stopReason === "error") return { reason, message };
  const isSpent = stopReason === "token_budget" || stopReason === "time_budget";

  let { value, error } = await parseOutput(output.schema, message ?? "");
  for (let left = isSpent ? 0 : output.retries; error !== null && left > 0; left--) {
    run.append(systemMessage(`${WRONG}\n${error}\n${AGAIN}`));
    const text = yield* ask(run, output.format);
    if (text === null) break;
    ({ value, error } = await parseOutput(output.schema, text));
  }
  run.output = { parsed: value, parse_error: error };
  return { reason, message: error === null ? canonicalJson(frozenCopy(value)) : message };
}

/** What the model answers; null if it fails, also when it is not held to the form by its provider. */
async function* ask(
  run: RunHandle,
  format: ResponseFormat,
): AsyncGenerator<AgentEvent, string | null> {
  for (const responseFormat of [format, undefined]) {
    try {
      const { content } = yield* callModel(run, run.config.model, {
        messages: run.state.messages,
        toPrompt: toPromptWithoutTools,
        responseFormat,
      });
      return content ?? "";
    } catch (error) {
      if (run.signal.aborted) throw error;
      run.update({ errors: [...run.state.errors, errorText(error)] });
    }
  }
  return null;
}

const WRONG = "Your answer is not what was asked for:";
const AGAIN = "Answer again, with nothing but JSON that follows the schema.";
