/** What the model can call. */

import { checkFunction, checkOptions, describe } from "../../core/options.ts";
import { checkWhole, MAX_TIMER_MS } from "../checks.ts";
import { deepFreeze, isRecord } from "../json.ts";
import type { ToolContext } from "./context.ts";
import {
  type InferOutput,
  type JsonSchema,
  readParameters,
  type StandardSchema,
} from "./schema.ts";

/** Something that the model can call. Make one with {@linkcode tool}. */
export interface Tool<Arguments = unknown> {
  /** By which the model calls it. */
  readonly name: string;
  /** What the model is told about it. */
  readonly description: string;
  /** The arguments, as the model sees them. */
  readonly parameters: JsonSchema;
  /** Checks what the model wrote. */
  readonly schema: StandardSchema;
  /** Whether equal calls of a run share one outcome. */
  readonly idempotent: boolean;
  /** How long it may take, in milliseconds; null for the agent's `toolTimeoutMs`. */
  readonly timeoutMs: number | null;
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
   * What it throws is told to the model as well, with secrets removed, and the run goes on.
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
  /** The parameters as the model shall see them. Needed if the schema cannot tell (valibot). */
  jsonSchema?: JsonSchema;
}

/** A tool whose parameters are a JSON Schema. */
export interface JsonSchemaToolOptions<Arguments> extends ToolOptionsBase<Arguments> {
  /** What the arguments must be; they are checked, and defaults filled in. @default {no arguments} */
  parameters?: JsonSchema;
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
/** Makes a tool whose parameters are a JSON Schema, or that has none. */
export function tool<Arguments = Record<string, unknown>>(
  options: JsonSchemaToolOptions<Arguments>,
): Tool<Arguments>;
export function tool<Arguments>(
  options: ToolOptionsBase<Arguments> & { parameters?: unknown; jsonSchema?: unknown },
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
  if (typeof idempotent !== "boolean") {
    throw new TypeError(
      `${owner}: "idempotent" must be true or false, got ${describe(idempotent)}`,
    );
  }
  if (timeoutMs !== undefined) checkWhole(owner, "timeoutMs", timeoutMs, 1, MAX_TIMER_MS);
  const { schema, jsonSchema } = readParameters(owner, options.parameters, options.jsonSchema);
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

/** Whether `value` can be used as a tool. */
export function isTool(value: unknown): value is Tool {
  return isRecord(value) && typeof value.name === "string" && isRecord(value.parameters) &&
    isRecord(value.schema) && typeof value.execute === "function";
}

const OPTIONS = [
  "name",
  "description",
  "parameters",
  "jsonSchema",
  "execute",
  "idempotent",
  "timeoutMs",
];

const NAME = /^[A-Za-z0-9_-]{1,64}$/;
