/** JSON Schema as providers want it that hold a model to it to the letter. */

import { isRecord } from "../json.ts";
import type { JsonSchema } from "../tools/schema.ts";

/**
 * The schema with nothing optional: objects have exactly the properties that they name, and a
 * reference stands alone. Objects that name none, such as dictionaries, stay as they are.
 */
export function toStrictSchema(schema: JsonSchema): JsonSchema {
  if (typeof schema.$ref === "string") return { $ref: schema.$ref };
  const strict = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, strictly(key, value)]),
  );
  if (!isRecord(strict.properties)) return strict;
  return { ...strict, required: Object.keys(strict.properties), additionalProperties: false };
}

function strictly(key: string, value: unknown): unknown {
  if (NAMED.includes(key) && isRecord(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([name, schema]) => [name, inner(schema)]),
    );
  }
  if (!NESTED.includes(key)) return value;
  return Array.isArray(value) ? value.map(inner) : inner(value);
}

function inner(schema: unknown): unknown {
  return isRecord(schema) ? toStrictSchema(schema) : schema;
}

/** Keywords that hold schemas by name. */
const NAMED = ["properties", "patternProperties", "$defs", "definitions"];
/** Keywords that hold a schema, or several. */
const NESTED = ["items", "prefixItems", "additionalProperties", "anyOf", "oneOf", "allOf", "not"];
