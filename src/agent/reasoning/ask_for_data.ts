/** Asks a model beside the conversation for data of a given form. */

import type { StandardSchema } from "../../events/standard_schema.ts";
import type { FeatureContext, SideQuestion } from "../loop/feature.ts";
import type { ChatModel } from "../model/chat_model.ts";
import type { ResponseFormat } from "../model/request.ts";
import { readOutput } from "../output/structured_answer.ts";
import { parseOutput } from "../output/extract_json.ts";
import type { ToolExecution } from "../state/state.ts";
import { clip } from "../state/texts.ts";

export interface AnswerFormat<T> {
  readonly schema: StandardSchema<unknown, T>;
  readonly format: ResponseFormat;
  readonly instruction: string;
}

/** What `schema` describes, as a form that models are held to. It costs: make it once for an agent. */
export function toAnswerFormat<T>(schema: StandardSchema<unknown, T>): AnswerFormat<T> {
  const { schema: checked, format, instruction } = readOutput({ outputSchema: schema })!;
  return { schema: checked as StandardSchema<unknown, T>, format, instruction };
}

/**
 * Asks for an answer of a given form. Where a provider refuses to hold the model to it, it is asked for in words alone.
 *
 * @throws {TypeError} If the answer does not have the form.
 * @throws Whatever the model throws; the abort reason, if the run is cancelled meanwhile.
 */
export async function askForData<T>(
  context: FeatureContext,
  model: ChatModel,
  { instruction, text }: SideQuestion,
  form: AnswerFormat<T>,
): Promise<T> {
  const question = { instruction: `${instruction}\n\n${form.instruction}`, text };
  const answer = await context.ask(model, question, form.format).catch((error: unknown) => {
    if (context.signal.aborted) throw error;
    return context.ask(model, question);
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

/** The sentences of a text that claim something: without short ones, questions, and those about the model itself. */
export function claimsIn(text: string): string[] {
  return text.split(/(?<=[.!?])\s+/)
    .map((sentence) => sentence.replace(/\s+/g, " ").trim())
    .filter((sentence) =>
      sentence.length > MIN_LENGTH && !sentence.endsWith("?") &&
      !/^(i |i'm |i'll |let me)/i.test(sentence)
    );
}

/** What the tools returned, a line for each call that succeeded, cut to `maxLength`. */
export function evidenceOf(
  executions: readonly ToolExecution[],
  maxLength: number = MAX_EVIDENCE,
): string[] {
  return executions.flatMap(({ tool_name, result, error, cancelled }) => {
    if (error !== null || cancelled || result === null || result === "") return [];
    const text = result.length > maxLength ? `${clip(result, maxLength)}...` : result;
    return [`[${tool_name}]: ${text}`];
  });
}

const MIN_LENGTH = 20;
const MAX_EVIDENCE = 500;
