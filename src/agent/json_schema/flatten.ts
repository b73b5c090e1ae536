/** The many ways in which JSON Schemas say one thing, as one way. */

import { isRecord } from "../../core/options.ts";
import type { JsonSchema } from "./json_schema.ts";
import { resolveRef } from "./keywords.ts";
import { mergeSchemas } from "./merge_schemas.ts";

/** The document that references lead into. */
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

/** What says nothing of values. */
function isAnnotation(key: string): boolean {
  return ANNOTATIONS.includes(key) || key.startsWith("x-");
}

const ANNOTATIONS = [
  ...["title", "description", "default", "examples", "example", "deprecated", "readOnly"],
  ...["writeOnly", "$comment", "$id", "$schema", "$defs", "definitions", "$anchor"],
];

/** In draft 4, and in OpenAPI 3.0, bounds are excluded by a flag. */
function withNumbers(schema: JsonSchema): JsonSchema {
  const { exclusiveMinimum: above, exclusiveMaximum: below, minimum, maximum, ...rest } = schema;
  if (typeof above !== "boolean" && typeof below !== "boolean") return schema;
  return {
    ...rest,
    ...minimum !== undefined && { [above === true ? "exclusiveMinimum" : "minimum"]: minimum },
    ...maximum !== undefined && { [below === true ? "exclusiveMaximum" : "maximum"]: maximum },
  };
}

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
