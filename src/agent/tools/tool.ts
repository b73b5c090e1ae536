/** What the model can call. */

import { checkFunction, checkOptions, describe } from "../../core/options.ts";
import { deepFreeze, isRecord } from "../../core/json.ts";
import { MAX_TIMER_MS, readFlag, readWhole } from "../../core/option_values.ts";
import type { ToolContext } from "./context.ts";
import { type JsonSchemaSource, readParameters } from "./schema.ts";
import {
  type InferOutput,
  isStandardSchema,
  type StandardSchema,
} from "../../events/standard_schema.ts";
import type { JsonSchema } from "../json_schema/json_schema.ts";

/** Something that the model can call. Make one with {@linkcode tool}. */
export interface Tool<Arguments = unknown> {
  /** By which the model calls it. */
  readonly name: string;
  /** Its description for the model. */
  readonly description: string;
  /** The arguments, as the model sees them. */
  readonly parameters: JsonSchema;
  /** Checks what the model wrote. */
  readonly schema: StandardSchema;
  /** Whether equal calls of a run share one outcome. */
  readonly idempotent: boolean;
  /** How long it may take, in milliseconds; null for the agent's `toolTimeoutMs`. */
  readonly timeoutMs: number | null;
  /** What the provider knows the tool by, if it is one of the provider's own, whoever executes it. */
  readonly provider?: { readonly id: string; readonly args: Readonly<Record<string, unknown>> };
  /** Does the work. Called with arguments that have passed `schema`. */
  execute(args: Arguments, context: ToolContext): unknown;
}

/** What all tools are made from. */
export interface ToolOptionsBase<Arguments> {
  /** 1 to 64 letters, digits, `_` and `-`: what all providers accept. */
  name: string;
  /** Tells the model what the tool does and when to use it. @default {"Call the <name> function"} */
  description?: string;
  /**
   * Does the work; what it returns goes to the model as text: strings as they are, objects as JSON.
   * The model also gets what it throws, with secrets removed, and the run goes on.
   */
  execute(args: Arguments, context: ToolContext): unknown;
  /**
   * Calling it again with equal arguments gives the same: within a run it is called once, and equal
   * calls get a copy of the outcome. @default {false}
   */
  idempotent?: boolean;
  /** After this time its signal is aborted and the call has failed. @default {the agent's toolTimeoutMs} */
  timeoutMs?: number;
}

/** A tool whose parameters are a zod schema, or another Standard Schema. */
export interface ToolOptions<S extends StandardSchema> extends ToolOptionsBase<InferOutput<S>> {
  /** What the arguments must be. `execute` gets them as this schema returns them. */
  parameters: S;
  /**
   * The parameters as the model sees them, or a function that makes that of the schema. Needed if the schema has no
   * JSON Schema of its own: `toJsonSchema` of `@valibot/to-json-schema`, `zodToJsonSchema` for zod 3.
   */
  jsonSchema?: JsonSchemaSource<S>;
}

/** The same in the words of the AI SDK and of MCP. */
export interface InputSchemaToolOptions<S extends StandardSchema>
  extends Omit<ToolOptions<S>, "parameters"> {
  /** What the arguments must be, as `parameters`. */
  inputSchema: S;
}

/** A tool whose parameters are a JSON Schema. */
export interface JsonSchemaToolOptions<Arguments> extends ToolOptionsBase<Arguments> {
  /** What the arguments must be; they are checked, and defaults filled in. @default {no arguments} */
  parameters?: JsonSchema;
  /** The same as `parameters`; give one of them. */
  inputSchema?: JsonSchema;
}

/**
 * Makes a tool.
 *
 * @throws {TypeError} If an option is missing, unknown or of the wrong type, or there is no way to show
 * or to check the parameters.
 * @throws {RangeError} If `timeoutMs` is out of range.
 *
 * @example With zod
 * ```ts
 * import { tool } from "@locus/core/agent";
 * import { z } from "zod";
 *
 * const add = tool({
 *   name: "add",
 *   description: "The sum of two numbers.",
 *   parameters: z.object({ a: z.number(), b: z.number() }),
 *   execute: ({ a, b }) => a + b,
 * });
 * ```
 *
 * @example With JSON Schema
 * ```ts
 * import { tool } from "@locus/core/agent";
 *
 * const roll = tool<{ sides: number }>({
 *   name: "roll_dice",
 *   parameters: { type: "object", properties: { sides: { type: "integer", default: 6 } } },
 *   execute: ({ sides }) => 1 + Math.floor(Math.random() * sides),
 * });
 * ```
 */
export function tool<S extends StandardSchema>(options: ToolOptions<S>): Tool<InferOutput<S>>;
/** Makes a tool whose parameters are called `inputSchema`. */
export function tool<S extends StandardSchema>(
  options: InputSchemaToolOptions<S>,
): Tool<InferOutput<S>>;
/** Makes a tool whose parameters are a JSON Schema, or that has none. */
export function tool<Arguments = Record<string, unknown>>(
  options: JsonSchemaToolOptions<Arguments>,
): Tool<Arguments>;
export function tool<Arguments>(
  options: ToolOptionsBase<Arguments> & {
    parameters?: unknown;
    inputSchema?: unknown;
    jsonSchema?: unknown;
  },
): Tool<Arguments> {
  checkOptions("tool()", options, OPTIONS);
  const { name, execute, idempotent = false, timeoutMs } = options;
  if (typeof name !== "string" || !NAME.test(name)) {
    throw new TypeError(
      `tool(): "name" must be 1 to 64 letters, digits, "_" and "-", got ${describe(name)}`,
    );
  }
  const owner = `tool("${name}")`;
  const { description = `Call the ${name} function` } = options;
  if (typeof description !== "string") {
    throw new TypeError(`${owner}: "description" must be a string, got ${describe(description)}`);
  }
  if (typeof execute !== "function") checkFunction(owner, "execute", execute ?? null);
  readFlag(owner, "idempotent", idempotent);
  if (timeoutMs !== undefined) readWhole(owner, "timeoutMs", timeoutMs, 1, MAX_TIMER_MS);
  const { parameters, inputSchema } = options;
  if (parameters !== undefined && inputSchema !== undefined) {
    throw new TypeError(`${owner}: "parameters" and "inputSchema" are the same; give one of them`);
  }
  const { schema, jsonSchema } = inputSchema === undefined
    ? readParameters(owner, parameters, options.jsonSchema)
    : readParameters(owner, inputSchema, options.jsonSchema, "inputSchema");
  return Object.freeze<Tool<Arguments>>({
    name,
    description,
    parameters: deepFreeze(jsonSchema),
    schema,
    idempotent,
    timeoutMs: timeoutMs ?? null,
    execute: (args, context) => options.execute(args, context),
  });
}

export function isTool(value: unknown): value is Tool {
  return isRecord(value) && typeof value.name === "string" && isRecord(value.parameters) &&
    isStandardSchema(value.schema) && typeof value.execute === "function";
}

const OPTIONS = [
  "name",
  "description",
  "parameters",
  "inputSchema",
  "jsonSchema",
  "execute",
  "idempotent",
  "timeoutMs",
];

const NAME = /^[A-Za-z0-9_-]{1,64}$/;
