/** Hooks and tools that belong together. */

import { checkFunction, checkOptions, describe } from "../core/options.ts";
import type { Checkpointer } from "../memory/checkpointer.ts";
import type { Hook } from "./hooks/hook.ts";
import type { SystemPrompt } from "./loop/run_settings.ts";
import type { LanguageModel } from "./model/language_model.ts";
import { isRecord } from "../core/json.ts";
import { readName } from "../core/option_values.ts";
import type { Tool } from "./tools/tool.ts";
import { isTool } from "./tools/tool.ts";

/** An agent that is being made, as its plugins see it. It is an `Agent`: one that runs it can say so. */
export interface PluginHost {
  /** The model, as it was given. */
  readonly model: LanguageModel;
  /** The tools that it has so far. */
  readonly tools: readonly Tool[];
  /** The system prompt, or the function that makes it. */
  readonly systemPrompt: string | SystemPrompt;
  /** A name for this agent; null if it was given none. */
  readonly agentId: string | null;
  /** What keeps its threads; null if they are not kept. */
  readonly checkpointer: Checkpointer | null;
  /** Gives the agent another tool. @throws {TypeError} If it is not a tool, or there is one of that name. */
  addTool(tool: Tool): void;
  /**
   * Gives the agent more tools, one after the other.
   *
   * @throws {TypeError} If one is not a tool, or there is one of that name; those before it are added.
   */
  addTools(tools: Iterable<Tool>): void;
  /** Cancels all runs of the agent. */
  cancel(): void;
}

/** Something that an agent can be extended with. Make one with {@linkcode definePlugin}, or a class. */
export interface Plugin {
  /** Shown in messages about it. */
  readonly name: string;
  /** The hooks that it brings; they are sorted among the agent's own. */
  getHooks(): readonly Hook[];
  /** The tools that it brings. */
  getTools(): readonly Tool[];
  /** Called once, when the agent is made. What it throws is thrown by `new Agent()`. */
  initAgent(agent: PluginHost): void;
}

/** What a plugin is made from. */
export interface PluginOptions {
  /** Shown in messages about it. */
  name: string;
  /** The hooks that it brings. @default {[]} */
  hooks?: readonly Hook[];
  /** The tools that it brings. @default {[]} */
  tools?: readonly Tool[];
  /** Called once, when an agent with this plugin is made. @default {nothing} */
  // A method, so that one that wants an `Agent` is one.
  initAgent?(agent: PluginHost): void;
}

/**
 * Makes a plugin.
 *
 * @throws {TypeError} If an option is missing, unknown or of the wrong type.
 *
 * @example Count the tool calls, and let the model ask how many there were
 * ```ts
 * import { definePlugin, tool } from "@locus/core/agent";
 *
 * let calls = 0;
 * const counter = definePlugin({
 *   name: "counter",
 *   hooks: [{ onBeforeToolCall: () => void calls++ }],
 *   tools: [tool({ name: "count_calls", execute: () => calls })],
 * });
 * ```
 */
export function definePlugin(options: PluginOptions): Plugin {
  checkOptions("definePlugin()", options, ["name", "hooks", "tools", "initAgent"]);
  const { name, hooks = [], tools = [], initAgent } = options;
  readName("definePlugin()", "name", name);
  checkFunction("definePlugin()", "initAgent", initAgent);
  checkArray("hooks", hooks);
  checkArray("tools", tools);
  for (const value of tools) {
    if (isTool(value)) continue;
    throw new TypeError(
      `definePlugin(): "tools" must hold tools made by tool(), got ${describe(value)}`,
    );
  }
  return Object.freeze<Plugin>({
    name,
    getHooks: () => hooks,
    getTools: () => tools,
    initAgent: (agent) => initAgent?.(agent),
  });
}

/** @throws {TypeError} If it holds anything that is not a plugin, or two of one name. */
export function checkPlugins(value: unknown): readonly Plugin[] {
  if (!Array.isArray(value)) {
    throw new TypeError(`Agent: "plugins" must be an array, got ${describe(value)}`);
  }
  const names = new Set<string>();
  for (const plugin of value) {
    if (!isPlugin(plugin)) {
      throw new TypeError(
        `Agent: "plugins" must hold plugins made by definePlugin(), or objects with a name, ` +
          `getHooks(), getTools() and initAgent(), got ${describe(plugin)}`,
      );
    }
    if (names.has(plugin.name)) {
      throw new TypeError(`Agent: there is already a plugin named "${plugin.name}"`);
    }
    names.add(plugin.name);
  }
  return value;
}

function isPlugin(value: unknown): value is Plugin {
  return isRecord(value) && typeof value.name === "string" && value.name !== "" &&
    typeof value.getHooks === "function" && typeof value.getTools === "function" &&
    typeof value.initAgent === "function";
}

function checkArray(name: string, value: unknown): void {
  if (Array.isArray(value)) return;
  throw new TypeError(`definePlugin(): "${name}" must be an array, got ${describe(value)}`);
}
