/** How much of JSON Schema each provider takes, by what they publish. */

import type { JsonSchema } from "./json_schema.ts";
import { isRecord } from "../../core/options.ts";

/**
 * - `strict`: OpenAI's strict mode. Every property is required, no key is unknown.
 *   https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
 * - `google`: https://ai.google.dev/api/generate-content#FIELDS.response_json_schema
 * - `plain`: draft 2020-12, as Anthropic and most others want it.
 *   https://docs.claude.com/en/docs/agents-and-tools/tool-use/implement-tool-use
 */
export type Dialect = "strict" | "google" | "plain";

const NUMBERS = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"];

const KEPT: Readonly<Record<Dialect, Readonly<Record<string, readonly string[]>>>> = {
  strict: {
    string: ["pattern", "format"],
    number: NUMBERS,
    integer: NUMBERS,
    array: ["minItems", "maxItems"],
  },
  google: {
    string: ["format"],
    number: ["minimum", "maximum"],
    integer: ["minimum", "maximum"],
    array: ["minItems", "maxItems"],
  },
  plain: {
    string: ["pattern", "format", "minLength", "maxLength", "default"],
    number: [...NUMBERS, "default"],
    integer: [...NUMBERS, "default"],
    boolean: ["default"],
    array: ["minItems", "maxItems", "uniqueItems", "default"],
    object: ["minProperties", "maxProperties", "default"],
  },
};

const FORMATS: Readonly<Record<Dialect, readonly string[] | null>> = {
  strict: [
    ...["date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"],
  ],
  google: ["date-time", "date", "time"],
  plain: null,
};

/** What a model should know although its provider cannot be told; longer things would only confuse it. */
const TOLD = [
  ...["minLength", "maxLength", "pattern", "format", ...NUMBERS, "minItems", "maxItems"],
  ...["uniqueItems", "minProperties", "maxProperties", "patternProperties", "dependentRequired"],
  ...["contains", "not", "anyOf", "propertyNames", "default"],
];

/** The keywords of a value of that type that the provider takes, and those that are to be told in words. */
export function keywordsOf(
  dialect: Dialect,
  type: string,
  schema: JsonSchema,
): [kept: JsonSchema, dropped: Record<string, unknown>] {
  const kept: Record<string, unknown> = {};
  const dropped: Record<string, unknown> = {};
  for (const key of TOLD) {
    const value = schema[key];
    if (value === undefined) continue;
    if (KEPT[dialect][type]?.includes(key) && isTaken(dialect, key, value)) kept[key] = value;
    // All keys are texts; that says nothing.
    else if (key !== "propertyNames" || JSON.stringify(value) !== '{"type":"string"}') {
      dropped[key] = value;
    }
  }
  // The format says it, too, and the patterns of libraries are hard to read.
  if (schema["format"] !== undefined) delete dropped["pattern"];
  return [kept, dropped];
}

function isTaken(dialect: Dialect, key: string, value: unknown): boolean {
  if (key === "format") return FORMATS[dialect]?.includes(value as string) ?? true;
  // The engines behind strict modes cannot look ahead or behind.
  if (key === "pattern" && dialect === "strict") {
    return !/\(\?[=!<]|\\[bB1-9]/.test(value as string);
  }
  return true;
}

export function describeAlso(schema: JsonSchema, dropped: JsonSchema): JsonSchema {
  const text = Object.entries(dropped)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}`).join(", ");
  if (text === "" || text.length > 400) return schema;
  const { description } = schema;
  return {
    ...schema,
    description: `${description === undefined ? "" : `${description} `}{${text}}`,
  };
}

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

const SAFE = /^[a-zA-Z0-9_.-]{1,64}$/;

/** Each of the names by the one that the model is shown. */
export function portableNames(names: readonly string[]): ReadonlyMap<string, string> {
  const shown = new Map<string, string>();
  // Good names first, so that none of them has to give way.
  const ordered = [...names].sort((a, b) => Number(SAFE.test(b)) - Number(SAFE.test(a)));
  for (const name of ordered) shown.set(unique(name, shown), name);
  return new Map(names.map((name) => [shownFor(shown, name), name]));
}

export function unique(name: string, taken: { has(name: string): boolean }): string {
  const base = SAFE.test(name) ? name : name.replace(/[^a-zA-Z0-9_.-]+/g, "_").slice(0, 60) || "_";
  let free = base;
  for (let n = 2; taken.has(free); n++) free = `${base.slice(0, 58)}_${n}`;
  return free;
}

function shownFor(shown: ReadonlyMap<string, string>, name: string): string {
  for (const [safe, original] of shown) if (original === name) return safe;
  return name;
}
