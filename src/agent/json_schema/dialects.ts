/** How much of JSON Schema each provider takes, by what they publish. */

import type { JsonSchema } from "./json_schema.ts";

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

/** Says in the description what the schema cannot. */
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
