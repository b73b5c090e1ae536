/** Tools of the AI SDK, by their names, as tools of an agent. */

import { isPlain } from "../../core/describe.ts";
import { describe, isRecord } from "../../core/options.ts";
import type { ToolContext } from "./context.ts";
import { isTool, type Tool, tool } from "./tool.ts";
import { APPROVAL_TOOL, APPROVED } from "../state/messages.ts";

/** A tool of the AI SDK, as its `tool()` and `dynamicTool()` make them. */
export interface AiTool {
  /** Tells the model what the tool does. */
  readonly description?: unknown;
  /** What the arguments must be: a schema of zod, another Standard Schema, or one made by `jsonSchema()`. */
  readonly inputSchema: unknown;
  /** Does the work. What an iterator yields last is the result. */
  execute?(input: never, options: never): unknown;
  /** Whether a person is asked first. */
  readonly needsApproval?: unknown;
  /** What the model sees of the result. */
  toModelOutput?(options: never): unknown;
}

/** Tools by the names that the model calls them by, as the AI SDK takes them. */
export type ToolSet = Readonly<Record<string, Tool | AiTool>>;

/** The tools that an option holds: one, several, or a record of them by name. */
export function toolsIn(owner: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (!isPlain(value) || isTool(value)) return [value];
  return Object.entries(value).map(([name, one]) =>
    isTool(one) ? Object.freeze({ ...one, name }) : fromAiTool(owner, name, one)
  );
}

/** @throws {TypeError} If it is not a tool, or none that an agent can execute. */
function fromAiTool(owner: string, name: string, value: unknown): Tool {
  const problem = problemOf(value);
  if (problem !== null) throw new TypeError(`${owner}: tool "${name}" ${problem}`);
  const given = value as AiTool;
  const { description, inputSchema } = given;
  const provider = providerOf(given);
  if (provider !== null && given.execute === undefined) return providerTool(name, provider);
  const made = tool<Record<string, unknown>>({
    name,
    ...typeof description === "string" && { description },
    inputSchema: inputSchema as Record<string, unknown>,
    execute: (input, context) => execute(given, input, context),
  });
  return provider === null ? made : Object.freeze({ ...made, provider });
}

/** What the AI SDK says of a tool that is the provider's own: `id` and `args`. */
function providerOf(value: object): NonNullable<Tool["provider"]> | null {
  const { type, id, args } = value as Record<string, unknown>;
  if ((type !== "provider" && type !== "provider-defined") || typeof id !== "string") return null;
  return { id, args: isRecord(args) ? args : {} };
}

function problemOf(value: unknown): string | null {
  if (!isRecord(value) || !("inputSchema" in value)) {
    return `must be made by tool() of this package or of the AI SDK, got ${describe(value)}`;
  }
  // Some of a provider's own tools are executed here all the same.
  const isProviders = providerOf(value) !== null && value["isProviderExecuted"] !== false;
  return typeof value["execute"] === "function" || isProviders
    ? null
    : "has no execute(), and nobody else would execute it";
}

async function execute(
  given: AiTool,
  input: Record<string, unknown>,
  { toolCallId, signal, state, interrupt }: ToolContext,
): Promise<unknown> {
  // Up to the answer that calls the tool, and without instructions.
  const end = state.messages.findLastIndex(({ role }) => role === "assistant");
  const messages = state.messages.slice(0, end).filter(({ role }) => role !== "system")
    .map(({ role, content }) => ({ role, content: content ?? "" }));
  const options = {
    toolCallId,
    messages,
    abortSignal: signal,
    context: {},
    experimental_context: {},
  };
  const { needsApproval } = given;
  const asks = typeof needsApproval === "function"
    ? await needsApproval(input, options)
    : needsApproval;
  if (asks === true) {
    const answer: unknown = interrupt({ question: "May this tool be called?", options: CHOICES }, {
      input,
    });
    if (answer !== CHOICES[0] && answer !== true) return "A person did not approve this call";
  }
  const returned = await given.execute!(input as never, options as never);
  const output = isAsyncIterable(returned) ? await lastOf(returned) : returned;
  if (given.toModelOutput === undefined) return output;
  const shown: unknown = await given.toModelOutput({ toolCallId, input, output } as never);
  return contentOf(shown, output);
}

const CHOICES = ["approve", "reject"];

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

async function lastOf(values: AsyncIterable<unknown>): Promise<unknown> {
  let last: unknown;
  for await (const value of values) last = value;
  return last;
}

/** What a model output says; errors are thrown, as ours are. */
function contentOf(shown: unknown, output: unknown): unknown {
  if (!isRecord(shown)) return output;
  const { type, value } = shown;
  if (type === "error-text" || type === "error-json") {
    throw new Error(typeof value === "string" ? value : JSON.stringify(value));
  }
  if (type === "execution-denied") return `Denied: ${shown["reason"] ?? "no reason given"}`;
  return type === "content" ? shown : value;
}

/** A tool that the provider executes: nobody calls it here. */
export function providerTool(name: string, provider: NonNullable<Tool["provider"]>): Tool {
  const made = tool({
    name,
    description: `A tool of the provider: ${provider.id}`,
    execute: () => {
      throw new TypeError(`${name} is executed by its provider`);
    },
  }) as Tool;
  return Object.freeze({ ...made, provider });
}

export function approvalTool(): Tool {
  return tool<{ tool: string; input: unknown }>({
    name: APPROVAL_TOOL,
    description: "Asks a person whether the provider may execute a tool.",
    parameters: { type: "object", properties: { tool: { type: "string" }, input: {} } },
    execute: ({ tool, input }, { interrupt }) => {
      const question = `May the provider call "${tool}"?`;
      const answer: unknown = interrupt({ question, options: [APPROVED, "reject"] }, {
        tool,
        input,
      });
      if (answer === APPROVED || answer === true) return APPROVED;
      return typeof answer === "string" && answer !== "reject" ? answer : "reject";
    },
  }) as Tool;
}
