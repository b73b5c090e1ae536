/** What a JSON Schema says of a value by itself: its type, its size, its form. */

import { canonicalJson } from "../../core/json.ts";
import { describe, isRecord } from "../../core/options.ts";
import { isSameJson } from "../../core/same_json.ts";
import type { JsonSchema } from "./json_schema.ts";

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
  for (const [keyword, check] of Object.entries(LIMITS)) {
    const limit = limitOf(schema, keyword);
    const problem = limit === undefined ? null : check(limit as never, value);
    if (problem) return `${problem}, got ${describe(value)}`;
  }
  return null;
}

/** In draft 4, a flag says that a bound is excluded. */
function limitOf(schema: JsonSchema, keyword: string): unknown {
  const limit = schema[keyword];
  const bound = keyword.replace(/^exclusiveM/, "m");
  return typeof limit !== "boolean" || bound === keyword
    ? limit
    : limit
    ? schema[bound]
    : undefined;
}

/** The types that a schema allows; none if it says nothing of them. */
export function typesOf({ type }: JsonSchema): readonly string[] {
  return type === undefined ? [] : Array.isArray(type) ? type : [type as string];
}

/** Whether a type is one of JSON Schema's. */
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
