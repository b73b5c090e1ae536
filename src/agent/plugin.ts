/** Hooks and tools that belong together. */

import { checkFunction, checkOptions, describe } from "../core/options.ts";
import type { Agent } from "./agent.ts";
import type { Hook } from "./hooks/hook.ts";
import { isRecord } from "./json.ts";
import type { Tool } from "./tools/tool.ts";

/** Something that an agent can be extended with. Make one with {@linkcode definePlugin}, or a class. */
export interface Plugin {
  /** Shown in messages about it. */
  readonly name: string;
  /** The hooks that it brings; they are sorted among the agent's own. */
  getHooks(): readonly Hook[];
  /** The tools that it brings. */
  getTools(): readonly Tool[];
  /** Called once, when the agent is made. What it throws is thrown by `new Agent()`. */
  initAgent(agent: Agent): void;
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
  initAgent?: (agent: Agent) => void;
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
  if (typeof name !== "string" || name === "") {
    throw new TypeError(
      `definePlugin(): "name" must be a string that is not empty, got ${describe(name)}`,
    );
  }
  checkFunction("definePlugin()", "initAgent", initAgent);
  checkArray("hooks", hooks);
  checkArray("tools", tools);
  return Object.freeze<Plugin>({
    name,
    getHooks: () => hooks,
    getTools: () => tools,
    initAgent: (agent) => initAgent?.(agent),
  });
}

/** @throws {TypeError} If it holds anything that is no plugin, or two of one name. */
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
