// What is wrong with a payload, placeholders of the bus aside.

import type { z } from "zod";
import { schemaOf } from "./event_schemas.ts";

/** The problems of a payload of that type, with paths from the payload on; none for a type of a user's own. */
export function payloadProblems(eventType: string, data: object): z.core.$ZodIssue[] {
  const issues = schemaOf(eventType)?.safeParse(data).error?.issues ?? [];
  return issues.filter(({ path }) => !meetsPlaceholder(data, path));
}

/** Whether the bus replaced the value at `path`, or one that contains it. */
function meetsPlaceholder(data: object, path: readonly PropertyKey[]): boolean {
  return path.some((_, depth) => isPlaceholder(valueAt(data, path.slice(0, depth)))) ||
    isPlaceholder(valueAt(data, path));
}

function isPlaceholder(value: unknown): boolean {
  return isObject(value) && Object.hasOwn(value, "$placeholder");
}

/** What is at a path that a schema objected to. */
export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  for (const key of path) value = (value as Record<PropertyKey, unknown>)[key];
  return value;
}

/** Whether a value can be a payload. */
export function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
