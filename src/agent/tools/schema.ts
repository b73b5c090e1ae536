/** Schemas: how the model sees them, and how what the model wrote is checked. */

import { describe, isRecord } from "../../core/options.ts";
import { hasMethod, isPlain } from "../../core/describe.ts";
import { fromJsonSchema } from "../json_schema/from_json_schema.ts";
import { restore } from "../json_schema/restore.ts";
import { isStandardSchema, type StandardSchema } from "../../events/standard_schema.ts";
import type { JsonSchema } from "../json_schema/json_schema.ts";

export interface Parameters {
  readonly jsonSchema: JsonSchema;
  readonly schema: StandardSchema;
}

const NO_PARAMETERS: JsonSchema = {
  type: "object",
  properties: {},
  additionalProperties: false,
};

/** Reads what a tool gives as its parameters: as `readSchema()` does, but the schema must be of an object. */
export function readParameters(
  owner: string,
  parameters: unknown = NO_PARAMETERS,
  jsonSchema?: unknown,
  option = "parameters",
): Parameters {
  const names = { owner, schema: option, jsonSchema: "jsonSchema" };
  // What a JSON Schema leaves unsaid is checked, too: without a type it would let anything pass.
  const given = isJsonSchema(parameters) && !isStandardSchema(parameters)
    ? ofObject(names, parameters)
    : parameters;
  const read = readSchema(names, given, jsonSchema);
  return { schema: read.schema, jsonSchema: ofObject(names, read.jsonSchema) };
}

/** A JSON Schema, or what makes one of a schema of type `S`, as the converters of schema libraries do. */
export type JsonSchemaSource<S> = JsonSchema | ((schema: S) => object);

/** Who reads a schema, and the options that say it. */
interface SchemaNames {
  readonly owner: string;
  readonly schema: string;
  readonly jsonSchema: string;
}

/**
 * Reads a schema: a Standard Schema or a JSON Schema.
 *
 * @param jsonSchema What to show to the model instead of what `option` says of itself.
 * @throws {TypeError} If that is not a schema, or there is no JSON Schema of it.
 */
export function readSchema(names: SchemaNames, option: unknown, jsonSchema: unknown): Parameters {
  const subject = `${names.owner}: "${names.schema}"`;
  const value = orExplain(() => fromAiSchema(option), (why) => `${subject}: ${why}`);
  const given = readJsonSchema(names, value, jsonSchema);
  if (isStandardSchema(value)) {
    const shown = withoutDialect(given ?? toJsonSchema(names, value));
    return { schema: restoring(value, shown), jsonSchema: shown };
  }
  if (!isJsonSchema(value)) throw new TypeError(`${subject} must be ${expectedInPlaceOf(value)}`);
  // Without a type, properties would be shown but not checked.
  const implied = "properties" in value && !("type" in value) ? { type: "object" } : {};
  const checked = { ...implied, ...withoutDialect(value) };
  const shown = withoutDialect(given ?? checked);
  const checks = orExplain(
    () => fromJsonSchema(checked),
    (why) =>
      `${subject} is a JSON Schema that cannot be checked here: ${why}; ` +
      `give a Standard Schema, and this one as "${names.jsonSchema}"`,
  );
  return { schema: restoring(checks, shown), jsonSchema: shown };
}

/** What is thrown says more than the work could. */
function orExplain<T>(work: () => T, explain: (why: string | undefined) => string): T {
  try {
    return work();
  } catch (cause) {
    throw new TypeError(explain((cause as Error | null)?.message), { cause });
  }
}

/** A schema that takes what models write for the JSON Schema that they are shown, in the form that providers want. */
function restoring(schema: StandardSchema, shown: JsonSchema): StandardSchema {
  const { "~standard": standard } = schema;
  return {
    "~standard": {
      version: 1,
      vendor: standard.vendor,
      validate: (value) => standard.validate(restore(shown, value)),
    },
  };
}

function readJsonSchema(
  { owner, jsonSchema: option }: SchemaNames,
  schema: unknown,
  source: unknown,
): JsonSchema | undefined {
  if (source === undefined || isJsonSchema(source)) return source;
  const rule = "a JSON Schema object, got";
  if (typeof source !== "function") {
    throw new TypeError(
      `${owner}: "${option}" must be ${rule} ${describeSchema(source)}; ` +
        "a function that makes one will do as well",
    );
  }
  const subject = `${owner}: the function "${option}"`;
  const made: unknown = orExplain(() => source(schema), (why) => `${subject} failed: ${why}`);
  if (isJsonSchema(made)) return made;
  throw new TypeError(`${subject} must return ${rule} ${describeSchema(made)}`);
}

/** The input side: what the model may write, before defaults and transformations. */
function toJsonSchema(names: SchemaNames, schema: StandardSchema): JsonSchema {
  const subject = `${names.owner}: "${names.schema}"`;
  const standard = schema["~standard"] as {
    vendor?: unknown;
    jsonSchema?: { input?(options: { target: string }): unknown };
  };
  const own = schema as { toJsonSchema?(): unknown };
  const say = typeof standard.jsonSchema?.input === "function"
    ? () => standard.jsonSchema!.input!({ target: "draft-07" })
    : typeof own.toJsonSchema === "function"
    ? () => own.toJsonSchema!()
    : null;
  if (say !== null) {
    return orExplain(
      () => saidJsonSchema(say()),
      (why) =>
        `${subject} cannot be shown to the model as JSON Schema: ${why}; ` +
        `give it as "${names.jsonSchema}"`,
    );
  }
  const { vendor } = standard;
  // The schemas of both versions name the same vendor.
  const isZod3 = vendor === "zod" && !("_zod" in schema);
  const converter = CONVERTERS[isZod3 ? "zod 3" : String(vendor)];
  throw new TypeError(
    `${subject} is a Standard Schema (${describe(vendor)}) that does not say its ` +
      `JSON Schema; give it as "${names.jsonSchema}", or a function that makes it` +
      (converter ? `: ${converter}` : ""),
  );
}

function saidJsonSchema(said: unknown): JsonSchema {
  if (isJsonSchema(said)) return said;
  throw new TypeError(`it says ${describeSchema(said)}`);
}

/** Whether it may be a JSON Schema: a plain object that is not a schema of a library, nor some under names. */
function isJsonSchema(value: unknown): value is JsonSchema {
  // A JSON Schema that zod made has one, too, which it hides.
  return isPlain(value) && !Object.keys(value).includes("~standard") &&
    !hasMethod(value, "safeParse") && !holdsSchemas(value);
}

/** Whether they are schemas by name: the shape of an object, which `z.object()` takes. */
function holdsSchemas(value: unknown): boolean {
  return isPlain(value) && !isStandardSchema(value) && Object.values(value).some(isStandardSchema);
}

function describeSchema(value: unknown): string {
  if (isStandardSchema(value)) return "a Standard Schema";
  return holdsSchemas(value) ? "an object of schemas" : describe(value);
}

/** What was expected in place of a value that is not a schema. */
function expectedInPlaceOf(value: unknown): string {
  if (holdsSchemas(value)) {
    return "a schema, got an object of schemas; did you mean z.object(…) of it?";
  }
  if (isPlain(value) && "~standard" in value) {
    return `a Standard Schema with validate(), got ${describe(value)}`;
  }
  const isOldZod = hasMethod(value, "safeParse");
  return "a zod schema, another Standard Schema or a JSON Schema object, got " +
    (isOldZod ? "a schema of zod before 3.24: update zod" : describe(value));
}

/** What makes a JSON Schema of schemas that do not say theirs. */
const CONVERTERS: Readonly<Record<string, string>> = {
  zod: "z.toJSONSchema; or use zod 4.2 and later, where schemas say it themselves",
  "zod 3": 'zodToJsonSchema of "zod-to-json-schema"; or use zod 4.2 and later',
  valibot: 'toJsonSchema of "@valibot/to-json-schema"',
};

/** Providers refuse, or misread, the name of a dialect. */
function withoutDialect({ $schema: _, ...jsonSchema }: JsonSchema): JsonSchema {
  return jsonSchema;
}

function ofObject({ owner, schema: option }: SchemaNames, jsonSchema: JsonSchema): JsonSchema {
  const { type = "object" } = jsonSchema;
  if (type !== "object") {
    throw new TypeError(
      `${owner}: "${option}" must describe an object, as a tool's arguments are named, ` +
        `got type ${describe(type)}`,
    );
  }
  return { ...jsonSchema, type, properties: jsonSchema.properties ?? {} };
}

const MARK = Symbol.for("vercel.ai.schema");

interface AiSchema {
  readonly jsonSchema: JsonSchema | PromiseLike<JsonSchema>;
  validate?(value: unknown): Validated | PromiseLike<Validated>;
}

type Validated =
  | { readonly success: true; readonly value: unknown }
  | { readonly success: false; readonly error: Error };

/**
 * A Standard Schema of one of the AI SDK's, or of a function that makes one; any other value as it is.
 *
 * @throws {TypeError} If its JSON Schema is a promise: a tool has to know it at once.
 */
export function fromAiSchema(value: unknown): unknown {
  // An arrow function, as the AI SDK's are, has no prototype; a class does.
  if (typeof value === "function" && !("~standard" in value) && !("prototype" in value)) {
    const made: unknown = (value as () => unknown)();
    return isAiSchema(made) ? fromAiSchema(made) : value;
  }
  if (!isAiSchema(value)) return value;
  const { jsonSchema } = value;
  if (!isRecord(jsonSchema) || "then" in jsonSchema) {
    throw new TypeError("the JSON Schema of a schema of the AI SDK must not be a promise");
  }
  const { $schema: _, ...shown } = jsonSchema as JsonSchema;
  const validate = value.validate === undefined
    ? fromJsonSchema(shown)["~standard"].validate
    : async (given: unknown) => {
      const validated = await value.validate!(given);
      return validated.success
        ? { value: validated.value }
        : { issues: [{ message: validated.error.message }] };
    };
  const standard = { version: 1, vendor: "ai", validate, jsonSchema: { input: () => shown } };
  return { "~standard": standard } as StandardSchema;
}

function isAiSchema(value: unknown): value is AiSchema {
  return typeof value === "object" && value !== null && MARK in value && "jsonSchema" in value;
}
