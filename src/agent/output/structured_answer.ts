/** Holds the answer of a run to the form that it was asked for. */

import { type Steps, until } from "../state/steps.ts";
import { canonicalJson, deepFreeze, frozenCopy } from "../../core/json.ts";
import { systemMessage } from "../state/messages.ts";
import type { Feature, FeatureContext } from "../loop/feature.ts";
import type { ResponseFormat } from "../model/request.ts";
import { toStopReason } from "../../events/stop_reason.ts";
import { errorText } from "../state/texts.ts";
import { parseOutput } from "./extract_json.ts";
import type { JSONSchema7 } from "@ai-sdk/provider";
import { readFlag, readWhole } from "../../core/option_values.ts";
import { readSchema } from "../tools/schema.ts";
import type { StandardSchema } from "../../events/standard_schema.ts";

/**
 * Reads the value out of an answer, and asks the model to mend one that has none. Notes the value, or
 * what is wrong, for the result.
 *
 * A run that has used up its tokens or its time is not asked again. A model that fails meanwhile leaves
 * the answer as it is.
 */
export function structuredOutput({ schema, retries, format }: OutputConfig): Feature {
  let output: Readonly<Record<"parsed" | "parse_error", unknown>> | null = null;
  return {
    name: "structured output",
    result: () => output,

    *ending(context, answer) {
      const { reason, message } = answer;
      const stopReason = toStopReason(reason);
      if (stopReason === "cancelled" || stopReason === "error") return answer;
      const isSpent = stopReason === "token_budget" || stopReason === "time_budget";
      let { value, error } = yield* until(parseOutput(schema, message ?? ""));
      for (let left = isSpent ? 0 : retries; error !== null && left > 0; left--) {
        context.append(systemMessage(`${WRONG}\n${error}\n${AGAIN}`));
        const text = yield* ask(context, format);
        if (text === null) break;
        ({ value, error } = yield* until(parseOutput(schema, text)));
      }
      output = { parsed: value, parse_error: error };
      // Canonical JSON, if there is a value.
      return { reason, message: error === null ? canonicalJson(frozenCopy(value)) : message };
    },
  };
}

/** What the model answers; null if it fails, also when it is not held to the form by its provider. */
function* ask(
  context: FeatureContext,
  format: ResponseFormat,
): Steps<string | null> {
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

export interface OutputOptions {
  outputSchema?: unknown;
  outputJsonSchema?: unknown;
  outputSchemaRetries?: number;
  outputSchemaStrict?: boolean;
}

export interface OutputConfig {
  readonly schema: StandardSchema;
  /** Asks a model for it that can be held to a schema. */
  readonly format: ResponseFormat;
  /** Asks any other model for it. */
  readonly instruction: string;
  readonly retries: number;
}

/** Null if answers may have any form. @throws {TypeError | RangeError} If there is no way to show or to check the schema. */
export function readOutput(
  { outputSchema, outputJsonSchema, outputSchemaRetries, outputSchemaStrict }: OutputOptions,
): OutputConfig | null {
  const retries = readWhole(OWNER, "outputSchemaRetries", outputSchemaRetries ?? 2, 0, 10);
  const strict = readFlag(OWNER, "outputSchemaStrict", outputSchemaStrict ?? true);
  if (outputSchema === undefined || outputSchema === null) {
    if (outputJsonSchema === undefined) return null;
    throw new TypeError(`${OWNER}: "outputJsonSchema" is of use only with "outputSchema"`);
  }
  const { schema, jsonSchema } = readSchema(NAMES, outputSchema, outputJsonSchema);
  const { title } = jsonSchema;
  return {
    schema,
    retries,
    instruction: `${INSTRUCTION}\n${JSON.stringify(jsonSchema)}`,
    format: deepFreeze({
      type: "json",
      name: typeof title === "string" && NAME.test(title) ? title : "answer",
      schema: jsonSchema as JSONSchema7,
      strict,
    }),
  };
}

const OWNER = "Agent";
const NAMES = { owner: OWNER, schema: "outputSchema", jsonSchema: "outputJsonSchema" };

/** What all providers accept. */
const NAME = /^[A-Za-z0-9_-]{1,64}$/;

const INSTRUCTION =
  "Your final answer must be JSON, and nothing else, that follows this JSON Schema:";

/** Stores what the run ended with under a key of its metadata. */
export function outputKey(key: string): Feature {
  return {
    name: "output key",
    end(context, { message }) {
      if (message === null) return;
      const { metadata } = context.state;
      context.update({ metadata: Object.freeze({ ...metadata, [key]: message }) });
    },
  };
}
