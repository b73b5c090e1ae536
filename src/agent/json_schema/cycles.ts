/** Schemas that refer to themselves. */

import { isRecord } from "../../core/options.ts";
import type { JsonSchema } from "./json_schema.ts";

/** Whether a portable schema refers to itself. */
export function isCyclic(schema: JsonSchema): boolean {
  return cyclicDefs(schema).size > 0;
}

/** The same for Google, which lets a schema refer to itself only through what may be left out. */
export function withOptionalCycles(root: JsonSchema): JsonSchema {
  const cyclic = cyclicDefs(root);
  if (cyclic.size === 0) return root;
  const loosen = (schema: unknown): unknown => {
    if (Array.isArray(schema)) return schema.map(loosen);
    if (!isRecord(schema)) return schema;
    const entries = Object.entries(schema).map(([key, one]) => [key, loosen(one)]);
    const { required, properties } = schema;
    const inner = Object.fromEntries(entries);
    if (!Array.isArray(required) || !isRecord(properties)) return inner;
    const isEndless = (name: string) =>
      [...refsIn(properties[name])].some((ref) => cyclic.has(ref));
    return { ...inner, required: required.filter((name) => !isEndless(name)) };
  };
  return loosen(root) as JsonSchema;
}

function cyclicDefs({ $defs }: JsonSchema): Set<string> {
  const defs = isRecord($defs) ? $defs : {};
  const reached = (from: unknown, seen: Set<string>): Set<string> => {
    for (const name of refsIn(from)) {
      if (seen.has(name)) continue;
      seen.add(name);
      reached(defs[name], seen);
    }
    return seen;
  };
  return new Set(Object.keys(defs).filter((name) => reached(defs[name], new Set()).has(name)));
}

function refsIn(schema: unknown): Set<string> {
  const text = JSON.stringify(schema) ?? "";
  return new Set([...text.matchAll(/"\$ref":"#\/\$defs\/([^"]+)"/g)].map(([, name]) => name!));
}
