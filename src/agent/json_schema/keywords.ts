/** What a JSON Schema may say here, looked at once, before any value is checked. */

import { describe, isRecord } from "../../core/options.ts";
import { isType, typesOf } from "./limits.ts";
import type { JsonSchema } from "./json_schema.ts";

/** @throws {TypeError} If a schema, or one inside it, says what cannot be checked. */
export function checkKeywords(
  root: JsonSchema,
  schema: unknown = root,
  checked: Set<unknown> = new Set(),
): void {
  if (typeof schema === "boolean" || checked.has(schema)) return;
  checked.add(schema);
  if (!isRecord(schema)) throw new TypeError(`a schema must be an object, got ${describe(schema)}`);
  for (const keyword of UNKNOWN_HERE) {
    if (keyword in schema) throw new TypeError(`"${keyword}" is not supported`);
  }
  for (const type of typesOf(schema)) {
    if (!isType(type)) throw new TypeError(`there is no type ${describe(type)}`);
  }
  const { $ref, pattern, required, enum: options } = schema;
  if ($ref !== undefined) checkKeywords(root, resolveRef(root, $ref), checked);
  if (pattern !== undefined) checkPattern(pattern);
  for (const [keyword, list] of Object.entries({ required, enum: options })) {
    if (list !== undefined && !Array.isArray(list)) {
      throw new TypeError(`"${keyword}" must be an array, got ${describe(list)}`);
    }
  }
  for (const keyword of SCHEMAS) {
    const inside = schema[keyword];
    for (const one of inside === undefined ? [] : [inside].flat()) {
      checkKeywords(root, one, checked);
    }
  }
  for (const keyword of NAMED_SCHEMAS) {
    const inside = schema[keyword];
    if (inside !== undefined && !isRecord(inside)) {
      throw new TypeError(`"${keyword}" must be an object, got ${describe(inside)}`);
    }
    for (const [name, one] of Object.entries(inside ?? {})) {
      if (keyword === "patternProperties") checkPattern(name);
      // The names of other properties.
      if (keyword === "dependencies" && Array.isArray(one)) continue;
      checkKeywords(root, one, checked);
    }
  }
}

/**
 * The schema that a reference within the document leads to.
 *
 * @throws {TypeError} If it leads elsewhere, or nowhere.
 */
export function resolveRef(root: JsonSchema, ref: unknown): unknown {
  if (typeof ref !== "string" || !/^#(?:\/|$)/.test(ref)) {
    throw new TypeError(
      `"$ref" must lead into this schema, as in "#/$defs/…", got ${describe(ref)}`,
    );
  }
  let schema: unknown = root;
  for (const step of ref.split("/").slice(1)) {
    const key = decodeStep(step, ref);
    schema = Object(schema) === schema && Object.hasOwn(schema as object, key)
      ? (schema as Record<string, unknown>)[key]
      : undefined;
  }
  if (schema === undefined) throw new TypeError(`"$ref" leads nowhere: ${describe(ref)}`);
  return schema;
}

function decodeStep(step: string, ref: string): string {
  try {
    return decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~");
  } catch (cause) {
    throw new TypeError(
      `in "$ref", "%" must begin the code of a character (of "%" itself: %25), got ${
        describe(ref)
      }`,
      { cause },
    );
  }
}

function checkPattern(pattern: unknown): void {
  try {
    new RegExp(pattern as string, "u");
  } catch (cause) {
    throw new TypeError(`the pattern ${describe(pattern)} is not a regular expression`, { cause });
  }
}

const UNKNOWN_HERE = [
  "unevaluatedItems",
  "unevaluatedProperties",
  "$dynamicRef",
  "$recursiveRef",
];

/** What holds a schema, or a list of them. */
const SCHEMAS = [
  ...["items", "prefixItems", "additionalItems", "contains", "additionalProperties"],
  ...["propertyNames", "allOf", "anyOf", "oneOf", "not", "if", "then", "else"],
];

/** What holds schemas by name. */
const NAMED_SCHEMAS = [
  ...["properties", "patternProperties", "dependentSchemas", "dependencies", "$defs"],
  "definitions",
];
