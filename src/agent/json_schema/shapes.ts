/** JSON Schemas of stored data, and reading it by them. */

import { describeIssues, type StandardResult } from "../../events/standard_schema.ts";
import { isPromiseLike } from "../../runtime/promise_like.ts";
import { fromJsonSchema } from "./from_json_schema.ts";
import type { JsonSchema } from "./json_schema.ts";

export const text = { type: "string" };
export const textOrNull = { type: "string", nullable: true };
export const flag = { type: "boolean" };
export const count = { type: "integer", minimum: 0 };
export const amount = { type: "number", minimum: 0 };
export const share = { type: "number", minimum: 0, maximum: 1 };
export const record = { type: "object" };
export const name = { type: "string", minLength: 1 };

export const list = (items: JsonSchema): JsonSchema => ({ type: "array", items });
export const orNull = (schema: JsonSchema): JsonSchema => ({ ...schema, nullable: true });
export const oneOf = (options: readonly string[]): JsonSchema => ({
  type: "string",
  enum: options,
});

/** An object with the keys of a type. @param required @default {all of them} */
export function object<T>(
  properties: Record<keyof T, JsonSchema>,
  required: readonly (keyof T)[] = Object.keys(properties) as (keyof T)[],
): JsonSchema {
  return { type: "object", properties, required };
}

export function checkStored<T>(schema: JsonSchema, data: unknown): StandardResult<T> {
  // Made when something is read: most agents have no threads.
  const read = fromJsonSchema<T>(schema)["~standard"].validate(data);
  if (isPromiseLike(read)) throw new TypeError("A JSON Schema checks at once");
  return read;
}

/** The same for what must be right. @throws {StoredDataError} If the data does not fit. */
export function readStored<T>(schema: JsonSchema, data: unknown): T {
  const read = checkStored<T>(schema, data);
  if (read.issues === undefined) return read.value;
  throw new StoredDataError(describeIssues(read.issues.slice(0, 3)));
}

export class StoredDataError extends Error {
  override readonly name = "StoredDataError";
}
