/** Asks a model something about the run, beside its conversation. */

import type { ChatModel } from "../model/chat_model.ts";
import type { ModelRequest, ResponseFormat } from "../model/request.ts";
import type { SideQuestion } from "./feature.ts";
import { type CallingRun, countTokens, generate } from "./model_call.ts";
import { ModelDeadline } from "./model_deadline.ts";

/**
 * One model call beside the conversation: neither part of it, nor an event of the run. Its tokens are
 * counted, and the bus is told of them.
 *
 * @throws Whatever the model throws; the abort reason, if the run is cancelled meanwhile.
 */
export async function sideCall(
  run: CallingRun,
  model: ChatModel,
  { instruction, text }: SideQuestion,
  responseFormat?: ResponseFormat,
): Promise<string> {
  const { span: agent } = run;
  run.signal.throwIfAborted();
  const deadline = new ModelDeadline(run.signal, run.settings, false);
  const { signal } = deadline;
  const { maxOutputTokens } = run.settings.callSettings;
  const request: ModelRequest = {
    prompt: [
      { role: "system", content: instruction },
      { role: "user", content: [{ type: "text", text }] },
    ],
    // No temperature: reasoning models, which are good judges, refuse one.
    ...maxOutputTokens !== undefined && { maxOutputTokens },
    abortSignal: signal,
    ...(responseFormat && { responseFormat }),
  };
  const call = () => model.generate(request);
  const span = agent?.openModel({
    model,
    iteration: Math.max(0, run.state.iteration - 1),
    attempt: 1,
    streaming: false,
    prompt: request.prompt,
    isBeside: true,
    maxOutputTokens,
  });
  try {
    const answer = await generate(signal, span === undefined ? call() : span.inside(call));
    countTokens(run, answer);
    span?.answer(answer);
    span?.tell(answer);
    if (span !== undefined && answer.usage !== null) {
      const { prompt, completion, total } = answer.usage;
      span.run.emit("agent.tokens.used", {
        prompt_tokens: prompt,
        completion_tokens: completion,
        total_tokens: total,
        ...span.tokens,
      });
    }
    return answer.content ?? "";
  } catch (error) {
    span?.fail(error);
    throw error;
  } finally {
    deadline.close();
    if (span !== undefined) agent?.closeModel();
  }
}
