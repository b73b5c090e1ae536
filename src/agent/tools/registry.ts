import { describe } from "../../core/options.ts";
import type { JsonSchema } from "../json_schema/json_schema.ts";
import { isTool, type Tool } from "./tool.ts";

/** A tool as OpenAI's APIs, and those that follow them, want it described. */
export interface OpenAIToolSchema {
  /** Always `function`. */
  readonly type: "function";
  /** The tool as the model sees it. */
  readonly function: {
    readonly name: string;
    readonly description: string;
    readonly parameters: JsonSchema;
  };
}

/**
 * Tools by their names, for programs that put agents together from tools that come and go.
 *
 * An agent takes them as they are when it is made: `new Agent({ tools: [...registry] })`.
 *
 * @example Give an agent what it is entitled to
 * ```ts
 * import { tool, ToolRegistry } from "@locus/core/agent";
 * import { assertEquals } from "@std/assert";
 *
 * const registry = new ToolRegistry([
 *   tool({ name: "search", execute: () => "…" }),
 *   tool({ name: "delete", execute: () => "…" }),
 * ]);
 * const entitled = ["search"].map((name) => registry.getOrThrow(name));
 * assertEquals(entitled.length, 1);
 * assertEquals(registry.list(), ["search", "delete"]);
 * ```
 */
export class ToolRegistry implements Iterable<Tool> {
  readonly #tools = new Map<string, Tool>();

  /** Makes a registry of these tools. @throws {TypeError} As {@linkcode ToolRegistry.register} does. */
  constructor(tools: Iterable<Tool> = []) {
    this.registerMany(tools);
  }

  /** How many tools there are. */
  get size(): number {
    return this.#tools.size;
  }

  /** Adds a tool. @throws {TypeError} If it is none, or there is one of that name. */
  register(tool: Tool): void {
    this.registerMany([tool]);
  }

  /** Adds tools: all of them, or none if one cannot be added. @throws {TypeError} As `register` does. */
  registerMany(tools: Iterable<Tool>): void {
    const added = new Map<string, Tool>();
    for (const tool of tools) {
      if (!isTool(tool)) {
        throw new TypeError(`ToolRegistry: expected a tool made by tool(), got ${describe(tool)}`);
      }
      if (this.#tools.has(tool.name) || added.has(tool.name)) {
        throw new TypeError(`ToolRegistry: there is already a tool named "${tool.name}"`);
      }
      added.set(tool.name, tool);
    }
    for (const [name, tool] of added) this.#tools.set(name, tool);
  }

  /** Takes a tool out. @returns Whether there was one of that name. */
  unregister(name: string): boolean {
    return this.#tools.delete(name);
  }

  /** The tool of that name, or undefined. */
  get(name: string): Tool | undefined {
    return this.#tools.get(name);
  }

  /** The tool of that name. @throws {RangeError} If there is none; the message lists those there are. */
  getOrThrow(name: string): Tool {
    const tool = this.#tools.get(name);
    if (tool !== undefined) return tool;
    const available = this.list().join(", ") || "none";
    throw new RangeError(
      `ToolRegistry: there is no tool ${describe(name)}; there is: ${available}`,
    );
  }

  /** The names of all tools, in the order in which they were added. */
  list(): string[] {
    return [...this.#tools.keys()];
  }

  /** All tools as OpenAI's APIs want them described. */
  toOpenAISchemas(): OpenAIToolSchema[] {
    return Array.from(this, ({ name, description, parameters }) => ({
      type: "function",
      function: { name, description, parameters },
    }));
  }

  /** The tools, in the order in which they were added. */
  [Symbol.iterator](): Iterator<Tool> {
    return this.#tools.values();
  }
}
