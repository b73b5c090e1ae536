/** What a model writes for a schema that it was shown, if it means a value. */

import type { Sent } from "./rules.ts";

/** The value in the form that the sent schema asks for: in its wrapper, by its names, with null for what is absent. */
export function asWritten(root: Sent, value: unknown): unknown {
  const properties = Object(root["properties"]);
  const keys = Object.keys(properties);
  const isWrapped = keys.join() === "input" && !(Object.keys(Object(value)).join() === "input" &&
    typeof (value as Sent)["input"] === "string");
  return isWrapped
    ? { input: written(root, properties["input"], value) }
    : written(root, root, value);
}

function written(root: Sent, schema: unknown, value: unknown): unknown {
  const { $ref, anyOf, items, properties, required = [], additionalProperties } = Object(
    schema,
  ) as {
    $ref?: string;
    anyOf?: Sent[];
    items?: Sent;
    properties?: Sent;
    required?: string[];
    additionalProperties?: unknown;
  };
  if ($ref !== undefined) {
    const target = $ref === "#" ? root : Object(root["$defs"])[$ref.slice("#/$defs/".length)];
    return written(root, target, value);
  }
  if (anyOf !== undefined) {
    return written(root, anyOf.find((form) => fits(root, form, value)) ?? {}, value);
  }
  if (Array.isArray(value)) return value.map((item) => written(root, items, item));
  if (typeof value !== "object" || value === null) return value;
  const names = new Map(Object.keys(value).map((name) => [shownName(name, properties), name]));
  for (const name of required) if (!names.has(name)) names.set(name, "");
  return Object.fromEntries([...names].map(([shown, name]) => {
    const inner = Object(properties)[shown] ?? additionalProperties;
    return [shown, name === "" ? null : written(root, inner, (value as Sent)[name])];
  }));
}

function shownName(name: string, properties: unknown): string {
  return name in Object(properties) ? name : name.replace(/[^a-zA-Z0-9_.-]+/g, "_");
}

/** By type, choices and keys: enough to tell the forms of a union apart. */
function fits(root: Sent, form: Sent, value: unknown): boolean {
  if (form["$ref"] !== undefined) {
    return fits(root, Object(root["$defs"])[String(form["$ref"]).slice("#/$defs/".length)], value);
  }
  if (Array.isArray(form["anyOf"])) return form["anyOf"].some((one) => fits(root, one, value));
  if (Array.isArray(form["enum"]) && !form["enum"].includes(value)) return false;
  const type = value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
  const types = [form["type"] ?? type].flat();
  if (!types.includes(type) && !(type === "number" && types.includes("integer"))) return false;
  if (type !== "object") return true;
  const properties = Object(form["properties"]) as Record<string, Sent>;
  const entries = Object.entries(value as Sent);
  return entries.every(([key, inner]) => {
    if (!(key in properties)) return form["additionalProperties"] !== false;
    return fits(root, properties[key]!, inner);
  }) && Object.entries(properties).every(([key, inner]) =>
    key in (value as Sent) || !((form["required"] ?? []) as string[]).includes(key) ||
    fits(root, inner, null)
  );
}
