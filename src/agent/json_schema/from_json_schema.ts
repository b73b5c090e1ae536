/**
 * JSON Schemas that check values: what a tool or an output is given as plain data.
 *
 * Drafts 7 and 2020-12, but for `unevaluated…`, dynamic references and other documents. `format` is checked
 * where it is one of a few; defaults are filled in.
 */

import {
  checkKeywords,
  checkLimits,
  itemsOf,
  type JsonSchema,
  listIn,
  recordIn,
  resolveRef,
} from "./json_schema.ts";
import type { StandardIssue, StandardSchema } from "../../events/standard_schema.ts";
import { isRecord } from "../../core/options.ts";

/** A Standard Schema that checks what a JSON Schema says. @throws {TypeError} If that cannot be checked here. */
export function fromJsonSchema<T>(jsonSchema: JsonSchema): StandardSchema<unknown, T> {
  checkKeywords(jsonSchema);
  const standard = {
    version: 1 as const,
    vendor: "locus",
    jsonSchema: { input: () => jsonSchema, output: () => jsonSchema },
    validate(given: unknown) {
      const issues: StandardIssue[] = [];
      const value = check(jsonSchema, given, { root: jsonSchema, issues, path: [], depth: 0 });
      return issues.length > 0 ? { issues } : { value: value as T };
    },
  };
  return { "~standard": standard };
}

export function isValid(root: JsonSchema, schema: unknown, value: unknown): boolean {
  return passes(schema, value, { root, issues: [], path: [], depth: 0 });
}

interface Place {
  readonly root: JsonSchema;
  readonly issues: StandardIssue[];
  readonly path: readonly PropertyKey[];
  /** How many schemas are around it: those that refer to themselves would have no end. */
  readonly depth: number;
}

/** Notes what is wrong with a value; returns it with its defaults. */
function check(schema: unknown, given: unknown, place: Place): unknown {
  const complain = (message: string) => void place.issues.push({ message, path: place.path });
  if (schema === true) return given;
  if (!isRecord(schema)) return complain("is not allowed"), given;
  if (place.depth > MAX_DEPTH) return complain("is nested too deeply"), given;
  const inner = { ...place, depth: place.depth + 1 };
  let value = given;
  if (typeof schema["$ref"] === "string") {
    value = check(resolveRef(place.root, schema["$ref"]), value, inner);
  }
  const problem = checkLimits(schema, value);
  if (problem !== null) complain(problem);
  if (Array.isArray(value)) value = checkItems(schema, value, inner);
  else if (isRecord(value)) value = checkProperties(schema, value, inner);
  return checkCombined(schema, value, inner);
}

const MAX_DEPTH = 256;

function checkItems(schema: JsonSchema, items: readonly unknown[], place: Place): unknown[] {
  const { contains } = schema;
  const [first, rest] = itemsOf(schema);
  if (contains !== undefined) {
    const { minContains = 1, maxContains = Infinity } = schema as Record<string, number>;
    const count = items.filter((item) => passes(contains, item, place)).length;
    if (count < minContains || count > maxContains) {
      place.issues.push({
        message: `has ${count} items of those it must contain`,
        path: place.path,
      });
    }
  }
  return items.map((item, index) =>
    check(first[index] ?? rest ?? true, item, { ...place, path: [...place.path, index] })
  );
}

function checkProperties(
  schema: JsonSchema,
  given: Readonly<Record<string, unknown>>,
  place: Place,
): Record<string, unknown> {
  const properties = recordIn(schema, "properties");
  const patterns = Object.entries(recordIn(schema, "patternProperties"));
  const { additionalProperties = true, propertyNames = true } = schema;
  const at = (key: string) => ({ ...place, path: [...place.path, key] });
  const checked = Object.entries(given).map(([key, value]) => {
    check(propertyNames, key, at(key));
    const schemas = patterns.filter(([pattern]) => new RegExp(pattern, "u").test(key))
      .map(([, schema]) => schema);
    if (Object.hasOwn(properties, key)) schemas.unshift(properties[key]);
    if (schemas.length === 0) schemas.push(additionalProperties);
    return [key, schemas.reduce((value, schema) => check(schema, value, at(key)), value)];
  });
  const defaults = Object.entries(properties).flatMap(([key, schema]) =>
    isRecord(schema) && "default" in schema && !Object.hasOwn(given, key)
      ? [[key, structuredClone(schema["default"])]]
      : []
  );
  // Entries, so that a key `__proto__` stays a key.
  const value = Object.fromEntries([...checked, ...defaults]) as Record<string, unknown>;
  for (const key of listIn<string>(schema, "required")) {
    if (!Object.hasOwn(value, key)) {
      place.issues.push({ message: "is missing", path: at(key).path });
    }
  }
  // Draft 7 has both in one.
  const dependencies = recordIn(schema, "dependencies");
  const dependentRequired = { ...dependencies, ...recordIn(schema, "dependentRequired") };
  for (const [key, needed] of Object.entries(dependentRequired)) {
    if (!Object.hasOwn(given, key) || !Array.isArray(needed)) continue;
    for (const other of needed) {
      if (Object.hasOwn(given, other)) continue;
      place.issues.push({ message: `is missing, as there is "${key}"`, path: at(other).path });
    }
  }
  return Object.entries({ ...dependencies, ...recordIn(schema, "dependentSchemas") })
    .filter(([key, schema]) => Object.hasOwn(given, key) && !Array.isArray(schema))
    .reduce((value, [, schema]) => check(schema, value, place) as typeof value, value);
}

function checkCombined(schema: JsonSchema, given: unknown, place: Place): unknown {
  const complain = (message: string) => void place.issues.push({ message, path: place.path });
  let value = listIn(schema, "allOf").reduce((value, one) => check(one, value, place), given);
  for (const [keyword, isGood] of CHOICES) {
    if (schema[keyword] === undefined) continue;
    const tries = listIn(schema, keyword).map((one) => attempt(one, value, place));
    const good = tries.filter(({ issues }) => issues.length === 0);
    if (isGood(good.length)) value = good[0]!.value;
    // A single form, or the nearest: what is wrong with it says more than that none fits.
    else if (good.length > 0) complain(`fits ${good.length} of its forms, but must fit one`);
    else place.issues.push(...nearest(tries.map(({ issues }) => issues), place));
  }
  if (schema["not"] !== undefined && passes(schema["not"], value, place)) {
    complain("is not allowed");
  }
  if (schema["if"] === undefined) return value;
  const branch = passes(schema["if"], value, place) ? schema["then"] : schema["else"];
  return check(branch ?? true, value, place);
}

const CHOICES: readonly [string, (good: number) => boolean][] = [
  ["anyOf", (good) => good > 0],
  ["oneOf", (good) => good === 1],
];

/** Of the forms of which none fits, the one that is wrong the deepest inside. */
function nearest(tries: readonly StandardIssue[][], { path }: Place): StandardIssue[] {
  const inside = tries.filter((issues) =>
    issues.every((issue) => (issue.path?.length ?? 0) > path.length)
  );
  if (inside.length === 1) return inside[0]!;
  const messages = new Set(tries.flat().map(({ message }) => message));
  return [{ message: `fits none of its forms: ${[...messages].slice(0, 4).join("; ")}`, path }];
}

function attempt(schema: unknown, given: unknown, place: Place) {
  const issues: StandardIssue[] = [];
  return { value: check(schema, given, { ...place, issues }), issues };
}

function passes(schema: unknown, value: unknown, place: Place): boolean {
  return attempt(schema, value, place).issues.length === 0;
}
