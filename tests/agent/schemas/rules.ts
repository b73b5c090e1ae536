/** What providers publish about the schemas that they accept, as checks of the requests that reach them. */

import { Ajv2020 } from "ajv/dist/2020.js";

/** A JSON Schema in a request. */
export type Sent = Record<string, unknown>;

/** What OpenAI finds wrong with a schema. */
export function openAiProblems(schema: Sent, strict: boolean): string[] {
  const problems = rootProblems(schema, ["anyOf", "oneOf", "allOf", "enum", "not"]);
  visit(schema, (one, path) => {
    if (one["type"] === "array" && one["items"] === undefined) {
      problems.push(`${path}: array schema missing items`);
    }
    if (!strict) return;
    const foreign = Object.keys(one).filter((key) => !STRICT.includes(key));
    if (foreign.length > 0) problems.push(`${path}: ${foreign} is not permitted`);
    if ("$ref" in one && Object.keys(one).length > 1) {
      problems.push(`${path}: $ref cannot have siblings`);
    }
    if (!["type", "$ref", "anyOf", "enum"].some((key) => key in one)) {
      problems.push(`${path}: must have a type`);
    }
    if (typeof one["format"] === "string" && !FORMATS.includes(one["format"])) {
      problems.push(`${path}: format ${one["format"]}`);
    }
    if (/\(\?[=!<]/.test(String(one["pattern"] ?? ""))) {
      problems.push(`${path}: lookaround in a pattern`);
    }
    if (one["type"] !== "object") return;
    if (one["additionalProperties"] !== false) {
      problems.push(`${path}: additionalProperties must be false`);
    }
    const keys = Object.keys(Object(one["properties"]));
    if (keys.sort().join() !== [...Object(one["required"] ?? [])].sort().join()) {
      problems.push(`${path}: required must include every key in properties`);
    }
  });
  return [...problems, ...refProblems(schema)];
}

const STRICT = [
  ...["type", "title", "description", "properties", "required", "additionalProperties", "items"],
  ...["enum", "const", "anyOf", "$ref", "$defs", "definitions", "pattern", "format", "minimum"],
  ...["maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minItems", "maxItems"],
];
const FORMATS = [
  "date-time",
  "time",
  "date",
  "duration",
  "email",
  "hostname",
  "ipv4",
  "ipv6",
  "uuid",
];

/** What Anthropic finds wrong with the schema of a tool. */
export function anthropicProblems(schema: Sent): string[] {
  const problems = rootProblems(schema, ["anyOf", "oneOf", "allOf"]);
  try {
    new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
  } catch (error) {
    problems.push(`it must match JSON Schema draft 2020-12: ${error}`);
  }
  visit(schema, ({ properties }, path) => {
    const wrong = Object.keys(Object(properties)).filter((key) =>
      !/^[a-zA-Z0-9_.-]{1,64}$/.test(key)
    );
    if (wrong.length > 0) problems.push(`${path}: property keys should match a pattern: ${wrong}`);
  });
  return problems;
}

/** What Anthropic finds wrong with the schema of an answer. */
export function anthropicFormatProblems(schema: Sent): string[] {
  const problems = anthropicProblems(schema);
  visit(schema, (one, path) => {
    if (one["type"] === "object" && one["additionalProperties"] !== false) {
      problems.push(`${path}: additionalProperties must be false`);
    }
    const foreign = Object.keys(one).filter((key) => UNSUPPORTED.includes(key));
    if (foreign.length > 0) problems.push(`${path}: ${foreign} is not supported`);
  });
  if (isRecursive(schema)) problems.push("recursive schemas are not supported");
  return problems;
}

const UNSUPPORTED = [
  ...["minimum", "maximum", "multipleOf", "minLength", "maxLength", "maxItems", "uniqueItems"],
  ...["oneOf", "not", "if", "patternProperties"],
];

/** What Google finds wrong with a schema. */
export function googleProblems(schema: Sent): string[] {
  const problems = rootProblems(schema, ["anyOf", "oneOf", "allOf"]);
  const cyclic = cyclicDefs(schema);
  visit(schema, (one, path) => {
    const foreign = Object.keys(one).filter((key) => !GOOGLE.includes(key));
    if (foreign.length > 0) problems.push(`${path}: ${foreign} is not supported`);
    if ("$ref" in one && Object.keys(one).some((key) => !key.startsWith("$"))) {
      problems.push(`${path}: no other properties may be set beside $ref`);
    }
    if (
      typeof one["format"] === "string" && !["date-time", "date", "time"].includes(one["format"])
    ) {
      problems.push(`${path}: format ${one["format"]}`);
    }
    const values = (one["enum"] ?? []) as unknown[];
    if (values.some((value) => !["string", "number"].includes(typeof value))) {
      problems.push(`${path}: enum of strings and numbers only`);
    }
    const properties = Object(one["properties"]);
    for (const name of (one["required"] ?? []) as string[]) {
      if (!(name in properties)) problems.push(`${path}: required ${name} is not defined`);
      if ([...refsIn(properties[name])].some((ref) => cyclic.has(ref))) {
        problems.push(`${path}: cyclic references only in properties that are not required`);
      }
    }
  });
  return [...problems, ...refProblems(schema)];
}

const GOOGLE = [
  ...["$id", "$defs", "$ref", "$anchor", "type", "format", "title", "description", "enum", "items"],
  ...["prefixItems", "minItems", "maxItems", "minimum", "maximum", "anyOf", "oneOf", "properties"],
  ...["additionalProperties", "required", "propertyOrdering"],
];

function rootProblems(schema: Sent, forbidden: readonly string[]): string[] {
  const problems = forbidden.filter((key) => key in schema).map((key) => `${key} at the top level`);
  if (schema["type"] !== "object") {
    problems.push(`schema must have type "object", got ${schema["type"]}`);
  }
  return problems;
}

/** Calls for each schema of a document. */
function visit(schema: unknown, look: (schema: Sent, path: string) => void, path = "#"): void {
  if (typeof schema !== "object" || schema === null) return;
  look(schema as Sent, path);
  for (const [key, value] of Object.entries(schema)) {
    if (["properties", "patternProperties", "$defs", "definitions"].includes(key)) {
      for (const [name, one] of Object.entries(Object(value))) {
        visit(one, look, `${path}/${key}/${name}`);
      }
    } else if (
      ["items", "additionalProperties", "not", "if", "then", "else", "contains"].includes(key)
    ) {
      visit(value, look, `${path}/${key}`);
    } else if (["anyOf", "oneOf", "allOf", "prefixItems"].includes(key)) {
      (value as unknown[]).forEach((one, index) => visit(one, look, `${path}/${key}/${index}`));
    }
  }
}

function refsIn(schema: unknown): Set<string> {
  const text = JSON.stringify(schema) ?? "";
  return new Set([...text.matchAll(/"\$ref":"([^"]*)"/g)].map(([, ref]) => ref!));
}

function refProblems(schema: Sent): string[] {
  const known = Object.keys(Object(schema["$defs"])).map((name) => `#/$defs/${name}`);
  return [...refsIn(schema)].filter((ref) => ref !== "#" && !known.includes(ref))
    .map((ref) => `${ref} cannot be resolved`);
}

function cyclicDefs(schema: Sent): Set<string> {
  const defs = Object(schema["$defs"]) as Record<string, unknown>;
  const reached = (from: unknown, seen: Set<string>): Set<string> => {
    for (const ref of refsIn(from)) {
      if (seen.has(ref)) continue;
      seen.add(ref);
      reached(defs[ref.slice("#/$defs/".length)], seen);
    }
    return seen;
  };
  return new Set(
    Object.entries(defs).map(([name, def]) => [`#/$defs/${name}`, reached(def, new Set())] as const)
      .filter(([ref, seen]) => seen.has(ref)).map(([ref]) => ref),
  );
}

function isRecursive(schema: Sent): boolean {
  return cyclicDefs(schema).size > 0;
}
