/** What an agent's answers are to be, as its options say. */

import type { JSONSchema7 } from "@ai-sdk/provider";
import { deepFreeze } from "../../core/json.ts";
import { readFlag, readWhole } from "../../core/option_values.ts";
import type { ResponseFormat } from "../model/request.ts";
import { readSchema } from "../tools/schema.ts";
import type { StandardSchema } from "../../events/standard_schema.ts";

/** The options that are about the answer's form. */
export interface OutputOptions {
  outputSchema?: unknown;
  outputJsonSchema?: unknown;
  outputSchemaRetries?: number;
  outputSchemaStrict?: boolean;
}

/** Structured output, ready for use. */
export interface OutputConfig {
  /** Checks an answer. */
  readonly schema: StandardSchema;
  /** Asks a model for it that can be held to a schema. */
  readonly format: ResponseFormat;
  /** Asks any other model for it. */
  readonly instruction: string;
  /** How often to ask again. */
  readonly retries: number;
}

/**
 * Checks the options; null if answers may have any form.
 *
 * @throws {TypeError} If there is no way to show or to check the schema, or an option is of the wrong type.
 * @throws {RangeError} If the number of retries is out of its range.
 */
export function readOutput(
  { outputSchema, outputJsonSchema, outputSchemaRetries, outputSchemaStrict }: OutputOptions,
): OutputConfig | null {
  const retries = readWhole(OWNER, "outputSchemaRetries", outputSchemaRetries ?? 2, 0, 10);
  const strict = readFlag(OWNER, "outputSchemaStrict", outputSchemaStrict ?? true);
  if (outputSchema === undefined || outputSchema === null) {
    if (outputJsonSchema === undefined) return null;
    throw new TypeError(`${OWNER}: "outputJsonSchema" is of use only with "outputSchema"`);
  }
  const { schema, jsonSchema } = readSchema(OWNER, outputSchema, outputJsonSchema, {
    schema: "outputSchema",
    jsonSchema: "outputJsonSchema",
  });
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

/** What all providers accept. */
const NAME = /^[A-Za-z0-9_-]{1,64}$/;

const INSTRUCTION =
  "Your final answer must be JSON, and nothing else, that follows this JSON Schema:";
