/** Holds the answer of a run to the form that it was asked for. */

import type { AgentEvent } from "../state/events.ts";
import { canonicalJson, frozenCopy } from "../../core/json.ts";
import { systemMessage } from "../state/messages.ts";
import type { Answer, Feature, FeatureContext } from "../loop/feature.ts";
import type { ResponseFormat } from "../model/request.ts";
import { toStopReason } from "../../events/stop_reason.ts";
import { errorText } from "../state/texts.ts";
import type { OutputConfig } from "./output_config.ts";
import { parseOutput } from "./parse_output.ts";

/** What an answer was read as. */
export interface Parsed {
  readonly parsed: unknown;
  /** What is wrong with the answer; null unless it did not pass. */
  readonly parse_error: string | null;
}

/**
 * Reads the value out of an answer, and asks the model to mend one that has none. Notes the value, or
 * what is wrong, for the result.
 *
 * A run that has used up its tokens or its time is not asked again. A model that fails meanwhile leaves
 * the answer as it is.
 */
export class StructuredOutput implements Feature {
  readonly name = "structured output";
  output: Parsed | null = null;
  readonly #config: OutputConfig;

  constructor(config: OutputConfig) {
    this.#config = config;
  }

  /**
   * @returns The answer; its message is canonical JSON if there is a value.
   * @throws The abort reason, if the run is cancelled meanwhile.
   */
  async *ending(context: FeatureContext, answer: Answer): AsyncGenerator<AgentEvent, Answer> {
    const { reason, message } = answer;
    const stopReason = toStopReason(reason);
    if (stopReason === "cancelled" || stopReason === "error") return answer;
    const isSpent = stopReason === "token_budget" || stopReason === "time_budget";
    const { schema, retries, format } = this.#config;

    let { value, error } = await parseOutput(schema, message ?? "");
    for (let left = isSpent ? 0 : retries; error !== null && left > 0; left--) {
      context.append(systemMessage(`${WRONG}\n${error}\n${AGAIN}`));
      const text = yield* ask(context, format);
      if (text === null) break;
      ({ value, error } = await parseOutput(schema, text));
    }
    this.output = { parsed: value, parse_error: error };
    return { reason, message: error === null ? canonicalJson(frozenCopy(value)) : message };
  }
}

/** What the model answers; null if it fails, also when it is not held to the form by its provider. */
async function* ask(
  context: FeatureContext,
  format: ResponseFormat,
): AsyncGenerator<AgentEvent, string | null> {
  for (const responseFormat of [format, undefined]) {
    try {
      const { content } = yield* context.callModel(responseFormat);
      return content ?? "";
    } catch (error) {
      if (context.signal.aborted) throw error;
      context.update({ errors: [...context.state.errors, errorText(error)] });
    }
  }
  return null;
}

const WRONG = "Your answer is not what was asked for:";
const AGAIN = "Answer again, with nothing but JSON that follows the schema.";
