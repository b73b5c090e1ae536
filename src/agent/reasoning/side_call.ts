/** Asks a model something about the run, beside its conversation. */

import type { ChatModel } from "../model/language_model.ts";
import type { ResponseFormat } from "../model/request.ts";
import { countTokens, generate } from "../model_call.ts";
import { readOutput } from "../output/output_config.ts";
import { parseOutput } from "../output/parse_output.ts";
import type { RunHandle } from "../run_handle.ts";
import type { StandardSchema } from "../tools/schema.ts";

/** What a model is asked. */
export interface SideQuestion {
  /** What it is to do. */
  readonly instruction: string;
  /** What it is to do it with: material, whoever wrote it. */
  readonly text: string;
}

/** What an answer has to be, ready for use. */
export interface AnswerForm<T> {
  readonly schema: StandardSchema<unknown, T>;
  readonly format: ResponseFormat;
  readonly instruction: string;
}

/**
 * One model call beside the conversation: neither part of it, nor an event of the run. Its tokens are
 * counted, and the bus is told of them.
 *
 * @throws Whatever the model throws; the abort reason, if the run is cancelled meanwhile.
 */
export async function askBeside(
  run: RunHandle,
  model: ChatModel,
  { instruction, text }: SideQuestion,
  responseFormat?: ResponseFormat,
): Promise<string> {
  run.signal.throwIfAborted();
  const answer = await generate(
    run.signal,
    model.generate({
      prompt: [
        { role: "system", content: instruction },
        { role: "user", content: [{ type: "text", text }] },
      ],
      temperature: 0,
      maxOutputTokens: run.config.maxTokens,
      abortSignal: run.signal,
      ...(responseFormat && { responseFormat }),
    }),
  );
  countTokens(run, answer);
  if (answer.usage !== null) {
    const { prompt, completion, total } = answer.usage;
    run.busRun?.emit("agent.tokens.used", {
      prompt_tokens: prompt,
      completion_tokens: completion,
      total_tokens: total,
    });
  }
  return answer.content ?? "";
}

/** What `schema` describes, as a form that models are held to. It costs: make it once for an agent. */
export function toForm<T>(schema: StandardSchema<unknown, T>): AnswerForm<T> {
  const { format, instruction } = readOutput({ outputSchema: schema })!;
  return { schema, format, instruction };
}

/**
 * The same with an answer in a given form. Where a provider refuses to hold the model to it, it is asked
 * for in words alone.
 *
 * @throws {TypeError} If the answer is not what was asked for.
 * @throws Whatever the model throws; the abort reason, if the run is cancelled meanwhile.
 */
export async function askForData<T>(
  run: RunHandle,
  model: ChatModel,
  { instruction, text }: SideQuestion,
  form: AnswerForm<T>,
): Promise<T> {
  const question = { instruction: `${instruction}\n\n${form.instruction}`, text };
  const answer = await askBeside(run, model, question, form.format).catch((error: unknown) => {
    if (run.signal.aborted) throw error;
    return askBeside(run, model, question);
  });
  const { value, error } = await parseOutput(form.schema, answer);
  if (error !== null) {
    throw new TypeError(`the answer has not the form asked for: ${oneLine(error)}`);
  }
  return value;
}

/** A report shows the first line of an error only. */
function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, " ");
}
