/** Two schemas as one that asks for both: `allOf`, for providers that do not know it. */

import { isRecord } from "../../core/options.ts";
import type { JsonSchema } from "./json_schema.ts";
import { typesOf } from "./limits.ts";

/** What passes both, as far as one schema can say it. */
export function mergeSchemas(a: JsonSchema, b: JsonSchema): JsonSchema {
  const merged: Record<string, unknown> = { ...a, ...b };
  for (const key of Object.keys(a)) {
    if (!(key in b)) continue;
    const combine = COMBINE[key];
    if (combine !== undefined) merged[key] = combine(a[key], b[key]);
  }
  // What the types leave: whole numbers are numbers.
  if (a["type"] !== undefined && b["type"] !== undefined) {
    const common = typesOf(a).flatMap((one) =>
      typesOf(b).flatMap((other) => {
        if (one === other) return [one];
        const isWhole = [one, other].includes("integer") && [one, other].includes("number");
        return isWhole ? ["integer"] : [];
      })
    );
    if (common.length > 0) merged["type"] = common.length === 1 ? common[0] : common;
  }
  return merged;
}

type Combine = (a: unknown, b: unknown) => unknown;

const both: Combine = (a, b) => JSON.stringify(a) === JSON.stringify(b) ? a : { allOf: [a, b] };

/** Schemas by name. */
const byName: Combine = (a, b) => {
  const merged = new Map(Object.entries(Object(a)));
  for (const [name, schema] of Object.entries(Object(b))) {
    merged.set(name, merged.has(name) ? both(merged.get(name), schema) : schema);
  }
  return Object.fromEntries(merged);
};

const each: Combine = (a, b) => [...new Set([a, b].flat())];
const least: Combine = (a, b) => Math.min(a as number, b as number);
const most: Combine = (a, b) => Math.max(a as number, b as number);

/** Each form of the one with each form of the other; only those of the one, if that were too many. */
const eachForm: Combine = (a, b) => {
  if (!Array.isArray(a) || !Array.isArray(b) || a.length * b.length > 32) return a;
  return a.flatMap((one) => b.map((other) => ({ allOf: [one, other] })));
};

const COMBINE: Readonly<Record<string, Combine>> = {
  properties: byName,
  patternProperties: byName,
  $defs: byName,
  definitions: byName,
  required: each,
  items: both,
  additionalProperties: (a, b) => a === false || b === false ? false : isRecord(a) ? both(a, b) : b,
  anyOf: eachForm,
  enum: (a, b) => {
    const texts = new Set((b as unknown[]).map((value) => JSON.stringify(value)));
    return (a as unknown[]).filter((value) => texts.has(JSON.stringify(value)));
  },
  // The one that stands nearer to where the schema is used.
  description: (a) => a,
  title: (a) => a,
  minimum: most,
  exclusiveMinimum: most,
  minLength: most,
  minItems: most,
  minProperties: most,
  maximum: least,
  exclusiveMaximum: least,
  maxLength: least,
  maxItems: least,
  maxProperties: least,
};
