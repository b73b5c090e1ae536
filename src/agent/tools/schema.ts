/** Schemas: how the model sees them, and how what the model wrote is checked. */

import { fromJSONSchema, toJSONSchema, type ZodType } from "zod";
import { describe } from "../../core/options.ts";
import { isRecord } from "../json.ts";

/** A JSON Schema, as plain data. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** A schema of any library that implements Standard Schema: zod, valibot, ArkType and others. */
export interface StandardSchema<Input = unknown, Output = Input> {
  /** What the library says of the schema; see https://standardschema.dev. */
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    validate(value: unknown): StandardResult<Output> | Promise<StandardResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** What a {@linkcode StandardSchema} makes of a value. */
export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

/** One thing that is wrong with a value. */
export interface StandardIssue {
  /** What is wrong, in words. */
  readonly message: string;
  /** Where: the keys that lead there. @default {the value itself} */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** The type that a {@linkcode StandardSchema} validates to. */
export type InferOutput<S extends StandardSchema> = NonNullable<
  S["~standard"]["types"]
>["output"];

/** A schema, ready for use. */
export interface Parameters {
  readonly jsonSchema: JsonSchema;
  readonly schema: StandardSchema;
}

const NO_PARAMETERS: JsonSchema = {
  type: "object",
  properties: {},
  additionalProperties: false,
};

/**
 * Reads what a tool gives as its parameters.
 *
 * @param jsonSchema What to show to the model instead of what `parameters` says of itself.
 * @throws {TypeError} If that is no schema, or there is no JSON Schema of it, or it is not of an object.
 */
export function readParameters(
  owner: string,
  parameters: unknown = NO_PARAMETERS,
  jsonSchema?: unknown,
): Parameters {
  const names = { schema: "parameters", jsonSchema: "jsonSchema" };
  // What a JSON Schema leaves unsaid is checked, too: without a type it would let anything pass.
  const given = isRecord(parameters) && !isStandardSchema(parameters)
    ? ofObject(owner, parameters)
    : parameters;
  const read = readSchema(owner, given, jsonSchema, names);
  return { schema: read.schema, jsonSchema: ofObject(owner, read.jsonSchema) };
}

/** What the options are called that a schema comes in. */
export interface SchemaOptionNames {
  readonly schema: string;
  readonly jsonSchema: string;
}

/**
 * Reads a schema: a Standard Schema or a JSON Schema.
 *
 * @param jsonSchema What to show to the model instead of what `value` says of itself.
 * @throws {TypeError} If that is no schema, or there is no JSON Schema of it.
 */
export function readSchema(
  owner: string,
  value: unknown,
  jsonSchema: unknown,
  names: SchemaOptionNames,
): Parameters {
  if (jsonSchema !== undefined && !isRecord(jsonSchema)) {
    throw new TypeError(
      `${owner}: "${names.jsonSchema}" must be a JSON Schema object, got ${describe(jsonSchema)}`,
    );
  }
  if (isStandardSchema(value)) {
    const shown = jsonSchema ?? toJsonSchema(owner, value, names);
    return { schema: value, jsonSchema: withoutDialect(shown) };
  }
  if (!isRecord(value)) {
    throw new TypeError(
      `${owner}: "${names.schema}" must be a zod schema, another Standard Schema or a JSON Schema ` +
        `object, got ${describe(value)}`,
    );
  }
  // Without a type, properties would be shown but not checked.
  const implied = "properties" in value && !("type" in value) ? { type: "object" } : {};
  const shown = { ...implied, ...withoutDialect(value) };
  return {
    schema: fromJsonSchema(owner, shown, names),
    jsonSchema: withoutDialect(jsonSchema ?? shown),
  };
}

/** Every problem of a value in one line: `<path>: <message>; …`. */
export function describeIssues(issues: readonly StandardIssue[]): string {
  return issues.map(({ path = [], message }) => {
    const keys = path.map((step) => String(typeof step === "object" ? step.key : step));
    return `${keys.join(".") || "arguments"}: ${message}`;
  }).join("; ");
}

/** Whether `value` is a schema of a library that implements Standard Schema. */
export function isStandardSchema(value: unknown): value is StandardSchema {
  // ArkType's schemas are functions.
  const standard = (Object(value) as Partial<StandardSchema>)["~standard"];
  return isRecord(standard) && typeof standard.validate === "function";
}

/** The input side: what the model may write, before defaults and transformations. */
function toJsonSchema(
  owner: string,
  schema: StandardSchema,
  names: SchemaOptionNames,
): JsonSchema {
  const standard = schema["~standard"] as {
    vendor?: unknown;
    jsonSchema?: { input?(options: { target: string }): JsonSchema };
  };
  const own = schema as { toJsonSchema?(): JsonSchema; _zod?: unknown };
  try {
    if (typeof standard.jsonSchema?.input === "function") {
      return standard.jsonSchema.input({ target: "draft-07" });
    }
    if (typeof own.toJsonSchema === "function") return own.toJsonSchema();
    if (own._zod !== undefined) {
      return toJSONSchema(schema as ZodType, { io: "input", target: "draft-7" });
    }
  } catch (cause) {
    throw new TypeError(
      `${owner}: "${names.schema}" cannot be shown to the model as JSON Schema: ` +
        `${(cause as Error).message}; give it as "${names.jsonSchema}"`,
      { cause },
    );
  }
  const vendor = describe(standard.vendor);
  throw new TypeError(
    `${owner}: "${names.schema}" is a Standard Schema (${vendor}) that does not say its JSON Schema; ` +
      `give it as "${names.jsonSchema}"`,
  );
}

function fromJsonSchema(
  owner: string,
  jsonSchema: JsonSchema,
  names: SchemaOptionNames,
): StandardSchema {
  try {
    return fromJSONSchema(jsonSchema as Parameters_<typeof fromJSONSchema>);
  } catch (cause) {
    throw new TypeError(
      `${owner}: "${names.schema}" is a JSON Schema that cannot be checked here: ` +
        `${
          (cause as Error).message
        }; give a Standard Schema, and this one as "${names.jsonSchema}"`,
      { cause },
    );
  }
}

/** Providers refuse, or misread, the name of a dialect. */
function withoutDialect({ $schema: _, ...jsonSchema }: JsonSchema): JsonSchema {
  return jsonSchema;
}

function ofObject(owner: string, jsonSchema: JsonSchema): JsonSchema {
  const { type = "object" } = jsonSchema;
  if (type !== "object") {
    throw new TypeError(
      `${owner}: "parameters" must describe an object, as a tool's arguments are named, ` +
        `got type ${describe(type)}`,
    );
  }
  return { ...jsonSchema, type, properties: jsonSchema.properties ?? {} };
}

type Parameters_<F> = F extends (first: infer A, ...rest: never[]) => unknown ? A : never;
