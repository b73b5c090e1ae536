/** What a JSON Schema says of a value by itself, and of others inside of it. */

import { canonicalJson } from "../../core/json.ts";
import { describe, isRecord } from "../../core/options.ts";
import { isSameJson } from "../../core/same_json.ts";

/** A JSON Schema, as plain data. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What is wrong with a value, without what is inside it; null if nothing is. */
export function checkLimits(schema: JsonSchema, value: unknown): string | null {
  const types = schema["nullable"] === true ? [...typesOf(schema), "null"] : typesOf(schema);
  if (types.length > 0 && !types.some((type) => IS[type]?.(value))) {
    return `must be ${types.map((type) => NAMES[type] ?? type).join(" or ")}, got ${
      describe(value)
    }`;
  }
  if (value === null && schema["nullable"] === true) return null;
  if ("const" in schema && !isSameJson(schema["const"], value)) {
    return `must be ${JSON.stringify(schema["const"])}, got ${describe(value)}`;
  }
  const { enum: options } = schema;
  if (Array.isArray(options) && !options.some((option) => isSameJson(option, value))) {
    const texts = options.map((option) => JSON.stringify(option));
    return `must be ${texts.join(" or ")}, got ${describe(value)}`;
  }
  const limits = withNumbers(schema);
  for (const [keyword, check] of Object.entries(LIMITS)) {
    const limit = limits[keyword];
    const problem = limit === undefined ? null : check(limit as never, value);
    if (problem) return `${problem}, got ${describe(value)}`;
  }
  return null;
}

/** In draft 4, and in OpenAPI 3.0, bounds are excluded by a flag. */
export function withNumbers(schema: JsonSchema): JsonSchema {
  let numbers = schema;
  for (const bound of ["minimum", "maximum"]) {
    const flag = `exclusiveM${bound.slice(1)}`;
    if (typeof numbers[flag] !== "boolean") continue;
    const { [flag]: isExcluded, [bound]: limit, ...rest } = numbers;
    numbers = { ...rest, ...limit !== undefined && { [isExcluded ? flag : bound]: limit } };
  }
  return numbers;
}

/** The schemas of the first items, and that of all others: drafts name them differently. */
export function itemsOf(schema: JsonSchema): readonly [first: readonly unknown[], rest: unknown] {
  const { items, additionalItems } = schema;
  return Array.isArray(items) ? [items, additionalItems] : [listIn(schema, "prefixItems"), items];
}

export function recordIn(schema: JsonSchema, keyword: string): JsonSchema {
  const value = schema[keyword];
  return isRecord(value) ? value : {};
}

export function listIn<T = unknown>(schema: JsonSchema, keyword: string): readonly T[] {
  const value = schema[keyword];
  return Array.isArray(value) ? value : [];
}

/** The types that a schema allows; none if it says nothing of them. */
export function typesOf({ type }: JsonSchema): readonly string[] {
  return type === undefined ? [] : Array.isArray(type) ? type : [type as string];
}

export function isType(type: unknown): boolean {
  return typeof type === "string" && Object.hasOwn(IS, type);
}

const IS: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === "string",
  number: (value) => typeof value === "number" && Number.isFinite(value),
  integer: (value) => Number.isInteger(value),
  boolean: (value) => typeof value === "boolean",
  null: (value) => value === null,
  array: (value) => Array.isArray(value),
  object: isRecord,
};

const NAMES: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a number",
  integer: "a whole number",
  boolean: "true or false",
  array: "an array",
  object: "an object",
};

type Limit<T> = (limit: T, value: unknown) => string | false | null;

/** A limit of numbers, of the characters of a text, of the items of an array or the keys of an object. */
function ofNumbers(text: string, isOver: (value: number, limit: number) => boolean): Limit<number> {
  return (limit, value) => typeof value === "number" && isOver(value, limit) && `${text} ${limit}`;
}

function ofSize(
  size: (value: unknown) => number | null,
  word: string,
): [Limit<number>, Limit<number>] {
  const limit =
    (text: string, isOver: (size: number, limit: number) => boolean): Limit<number> =>
    (limit, value) => {
      const actual = size(value);
      return actual !== null && isOver(actual, limit) && `must have at ${text} ${limit} ${word}`;
    };
  return [limit("least", (size, min) => size < min), limit("most", (size, max) => size > max)];
}

const [minLength, maxLength] = ofSize(
  (value) => typeof value === "string" ? [...value].length : null,
  "characters",
);
const [minItems, maxItems] = ofSize(
  (value) => Array.isArray(value) ? value.length : null,
  "items",
);
const [minProperties, maxProperties] = ofSize(
  (value) => isRecord(value) ? Object.keys(value).length : null,
  "keys",
);

const LIMITS: Readonly<Record<string, Limit<never>>> = {
  minimum: ofNumbers("must be at least", (value, min) => value < min),
  maximum: ofNumbers("must be at most", (value, max) => value > max),
  exclusiveMinimum: ofNumbers("must be above", (value, min) => value <= min),
  exclusiveMaximum: ofNumbers("must be below", (value, max) => value >= max),
  multipleOf: ofNumbers("must be a multiple of", (value, step) => !isMultiple(value, step)),
  minLength,
  maxLength,
  minItems,
  maxItems,
  minProperties,
  maxProperties,
  pattern: (pattern: string, value) =>
    typeof value === "string" && !new RegExp(pattern, "u").test(value) && `must match ${pattern}`,
  format: (format: string, value) =>
    typeof value === "string" && FORMATS[format]?.(value) === false && `must be a ${format}`,
  uniqueItems: (isUnique: boolean, value) =>
    isUnique && Array.isArray(value) && hasEqual(value) && "must not have equal items",
};

/** 0.3 is a multiple of 0.1, whatever binary fractions make of it. */
function isMultiple(value: number, step: number): boolean {
  const quotient = value / step;
  return Math.abs(quotient - Math.round(quotient)) < 1e-9;
}

function hasEqual(items: readonly unknown[]): boolean {
  return new Set(items.map(canonicalJson)).size < items.length;
}

const DATE = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/;
const TIME = /^(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/i;

const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  date: isDate,
  time: (text) => TIME.test(text),
  "date-time": (text) =>
    /t/i.test(text[10] ?? "") && isDate(text.slice(0, 10)) && TIME.test(text.slice(11)),
  email: (text) => /^[^\s@]+@[^\s@]+$/.test(text),
  uuid: (text) => /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i.test(text),
  uri: (text) => /^[a-z][a-z\d+.-]*:\S*$/i.test(text),
};

function isDate(text: string): boolean {
  return DATE.test(text) && new Date(text).getUTCDate() === Number(text.slice(8));
}

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

/** The schema that a reference within the document leads to. @throws {TypeError} If it leads elsewhere, or nowhere. */
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

const SCHEMAS = [
  ...["items", "prefixItems", "additionalItems", "contains", "additionalProperties"],
  ...["propertyNames", "allOf", "anyOf", "oneOf", "not", "if", "then", "else"],
];

const NAMED_SCHEMAS = [
  ...["properties", "patternProperties", "dependentSchemas", "dependencies", "$defs"],
  "definitions",
];
