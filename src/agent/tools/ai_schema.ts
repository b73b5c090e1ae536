/** Schemas of the AI SDK, as `jsonSchema()` and `zodSchema()` make them. */

import { isRecord } from "../../core/options.ts";
import type { StandardSchema } from "../../events/standard_schema.ts";
import { fromJsonSchema } from "../json_schema/from_json_schema.ts";
import type { JsonSchema } from "../json_schema/json_schema.ts";

/** What the AI SDK marks its schemas with. */
const MARK = Symbol.for("vercel.ai.schema");

interface AiSchema {
  readonly jsonSchema: JsonSchema | PromiseLike<JsonSchema>;
  validate?(value: unknown): Validated | PromiseLike<Validated>;
}

type Validated =
  | { readonly success: true; readonly value: unknown }
  | { readonly success: false; readonly error: Error };

/**
 * A Standard Schema of one of the AI SDK's, or of a function that makes one; any other value as it is.
 *
 * @throws {TypeError} If its JSON Schema is a promise: a tool has to know it at once.
 */
export function fromAiSchema(value: unknown): unknown {
  // An arrow function, as the AI SDK's are, has no prototype; a class does.
  if (typeof value === "function" && !("~standard" in value) && !("prototype" in value)) {
    const made: unknown = (value as () => unknown)();
    return isAiSchema(made) ? fromAiSchema(made) : value;
  }
  if (!isAiSchema(value)) return value;
  const { jsonSchema } = value;
  if (!isRecord(jsonSchema) || "then" in jsonSchema) {
    throw new TypeError("the JSON Schema of a schema of the AI SDK must not be a promise");
  }
  const { $schema: _, ...shown } = jsonSchema as JsonSchema;
  const validate = value.validate === undefined
    ? fromJsonSchema(shown)["~standard"].validate
    : async (given: unknown) => {
      const validated = await value.validate!(given);
      return validated.success
        ? { value: validated.value }
        : { issues: [{ message: validated.error.message }] };
    };
  const standard = { version: 1, vendor: "ai", validate, jsonSchema: { input: () => shown } };
  return { "~standard": standard } as StandardSchema;
}

function isAiSchema(value: unknown): value is AiSchema {
  return typeof value === "object" && value !== null && MARK in value && "jsonSchema" in value;
}
