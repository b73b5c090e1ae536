/** The many ways in which JSON Schemas say one thing, as one way. */

import { isRecord } from "../../core/options.ts";
import { type JsonSchema, resolveRef, typesOf, withNumbers } from "./json_schema.ts";

export type Root = JsonSchema;

/**
 * The schema without `allOf`, `oneOf`, `nullable` and the dialect of draft 4, with a type where its keywords imply
 * one, and with `enum` for `const`. What is inside of it stays as it is.
 *
 * @param isRoot Whether it has to be followed if it only refers to another one.
 */
export function flatten(schema: JsonSchema, root: Root, isRoot = false, depth = 0): JsonSchema {
  const { allOf = [], $ref, ...rest } = schema;
  let flat: JsonSchema = rest;
  const branches = allOf as readonly unknown[];
  if (typeof $ref === "string") {
    const isAlone = !isRoot && branches.length === 0 && Object.keys(rest).every(isAnnotation);
    if (isAlone || depth > MAX_DEPTH) return { $ref, ...rest };
    flat = mergeSchemas(rest, flatten(asSchema(resolveRef(root, $ref)), root, true, depth + 1));
  }
  for (const branch of branches) {
    if (depth > MAX_DEPTH) break;
    flat = mergeSchemas(flat, flatten(asSchema(branch), root, true, depth + 1));
  }
  const { oneOf, nullable, discriminator: _, ...known } = flat;
  flat = known;
  if (Array.isArray(oneOf)) flat = mergeSchemas(flat, { anyOf: oneOf });
  if ("const" in flat) flat = mergeSchemas(flat, { enum: [flat["const"]] });
  if (nullable === true) {
    const { title, description, ...value } = flat;
    return { anyOf: [value, { type: "null" }], title, description };
  }
  return withType(withNumbers(flat));
}

const MAX_DEPTH = 24;

/** Whether it has forms that each say something by themselves; others only ask for one property or the other. */
export function isUnion({ anyOf }: JsonSchema): boolean {
  return Array.isArray(anyOf) &&
    !anyOf.every((form) =>
      isRecord(form) && Object.keys(form).every((key) => ["required", "not"].includes(key))
    );
}

function asSchema(value: unknown): JsonSchema {
  return isRecord(value) ? value : {};
}

function isAnnotation(key: string): boolean {
  return ANNOTATIONS.includes(key) || key.startsWith("x-");
}

const ANNOTATIONS = [
  ...["title", "description", "default", "examples", "example", "deprecated", "readOnly"],
  ...["writeOnly", "$comment", "$id", "$schema", "$defs", "definitions", "$anchor"],
];

function withType(schema: JsonSchema): JsonSchema {
  if (schema["type"] !== undefined || schema["anyOf"] !== undefined) return schema;
  if (schema["enum"] !== undefined) return schema;
  const implied = Object.keys(schema).map((key) => IMPLIED[key]).find((type) => type !== undefined);
  return implied === undefined ? schema : { ...schema, type: implied };
}

const IMPLIED: Readonly<Record<string, string>> = {
  properties: "object",
  additionalProperties: "object",
  patternProperties: "object",
  required: "object",
  items: "array",
  prefixItems: "array",
  minItems: "array",
  maxItems: "array",
  pattern: "string",
  format: "string",
  minLength: "string",
  maxLength: "string",
  minimum: "number",
  maximum: "number",
  multipleOf: "number",
};

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
