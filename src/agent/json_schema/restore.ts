/** From what a model wrote for a portable schema back to what the schema itself asks for. */

import { isRecord } from "../../core/options.ts";
import { isValid } from "./from_json_schema.ts";
import { itemsOf, type JsonSchema, listIn, recordIn, resolveRef } from "./json_schema.ts";
import { WRAPPER } from "./portable.ts";
import { portableNames } from "./dialects.ts";

/**
 * The value that the model meant: what is null because it may be left out is left out, names are those of the schema,
 * and what was put into an object, because providers want one, is taken out of it. What is in order already stays the
 * same object.
 */
export function restore(root: JsonSchema, value: unknown): unknown {
  try {
    return unwrapped(root, value) ?? restoreIn(root, root, value, 0);
  } catch {
    // A reference that leads nowhere, in a schema that is only shown.
    return value;
  }
}

function unwrapped(root: JsonSchema, value: unknown): unknown {
  if (!isRecord(value) || Object.keys(value).length !== 1 || !Object.hasOwn(value, WRAPPER)) return;
  if (Object.hasOwn(Object(root["properties"]), WRAPPER)) return;
  const inner = restoreIn(root, root, value[WRAPPER], 0);
  return isValid(root, root, inner) ? inner : undefined;
}

function restoreIn(root: JsonSchema, schema: unknown, value: unknown, depth: number): unknown {
  if (!isRecord(schema) || depth > MAX_DEPTH) return value;
  let restored = value;
  const inner = (one: unknown, value: unknown) => restoreIn(root, one, value, depth + 1);
  if (typeof schema["$ref"] === "string") {
    restored = inner(resolveRef(root, schema["$ref"]), restored);
  }
  for (const branch of listIn(schema, "allOf")) restored = inner(branch, restored);
  if (isRecord(restored)) restored = restoreObject(root, schema, restored, inner);
  else if (Array.isArray(restored)) restored = restoreList(schema, restored, inner);
  for (const keyword of ["anyOf", "oneOf"]) {
    for (const form of listIn(schema, keyword)) {
      const tried = inner(form, restored);
      if (!isValid(root, form, tried)) continue;
      restored = tried;
      break;
    }
  }
  return restored;
}

const MAX_DEPTH = 256;

type Inner = (schema: unknown, value: unknown) => unknown;

function restoreObject(
  root: JsonSchema,
  schema: JsonSchema,
  given: Readonly<Record<string, unknown>>,
  inner: Inner,
): Readonly<Record<string, unknown>> {
  const properties = recordIn(schema, "properties");
  const required = listIn(schema, "required");
  let names: ReadonlyMap<string, string> | null = null;
  let changed = false;
  const entries: [string, unknown][] = [];
  for (const [shown, value] of Object.entries(given)) {
    let name = shown;
    // A name that needed no other one is its own.
    if (!Object.hasOwn(properties, shown)) {
      names ??= portableNames(Object.keys(properties));
      name = names.get(shown) ?? shown;
    }
    const isKnown = Object.hasOwn(properties, name);
    const isAbsent = isKnown && value === null && !required.includes(name) &&
      !isValid(root, properties[name], null);
    changed ||= isAbsent || name !== shown;
    if (isAbsent) continue;
    const restored = inner(isKnown ? properties[name] : schema["additionalProperties"], value);
    changed ||= restored !== value;
    entries.push([name, restored]);
  }
  return changed ? Object.fromEntries(entries) : given;
}

function restoreList(
  schema: JsonSchema,
  given: readonly unknown[],
  inner: Inner,
): readonly unknown[] {
  const [places, rest] = itemsOf(schema);
  const restored = given.map((item, index) => inner(places[index] ?? rest, item));
  return restored.some((item, index) => item !== given[index]) ? restored : given;
}
