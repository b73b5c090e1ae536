/** What is known of idempotent tools: equal calls share one outcome. */

import { canonicalJson } from "../../core/json.ts";
import type { Feature, Remembered } from "../loop/feature.ts";
import type { Arguments } from "../state/messages.ts";
import { copied, failed, succeeded, type ToolOutcome } from "../tools/outcome.ts";
import type { Tool } from "../tools/tool.ts";

/** Equal calls of idempotent tools share one outcome, failures included. */
export function knownOutcomes(
  tools: ReadonlyMap<string, Tool>,
  terminalTools: ReadonlySet<string>,
): Feature {
  const outcomes = new Map<string, ToolOutcome>();

  /**
   * Only calls of tools that are idempotent now, and whose body ran, which is where time was taken: that a tool was
   * unknown, or did not take its arguments, may be different today.
   */
  function remember(executions: readonly Remembered[]): void {
    for (const execution of executions) {
      const { tool_name: name, result, error, duration_ms, idempotent_cache_hit } = execution;
      const isOwn = duration_ms > 0 && !execution.cancelled && !idempotent_cache_hit;
      if (!isOwn || tools.get(name)?.idempotent !== true) continue;
      const outcome = error === null
        ? succeeded(result ?? "", duration_ms, terminalTools.has(name))
        : failed(error, duration_ms);
      outcomes.set(keyOf(name, execution.arguments), outcome);
    }
  }

  return {
    name: "idempotency",
    // With what its thread holds.
    start: ({ state }) => remember(state.tool_executions),
    settle(_, { tool, args }) {
      if (!tool.idempotent) return null;
      const key = keyOf(tool.name, args);
      const known = outcomes.get(key);
      return known === undefined ? { key } : copied(known);
    },
    toolCompleted(_, _call, outcome, key) {
      if (key !== null && !outcome.cancelled && !outcome.cached) outcomes.set(key, outcome);
    },
    // Nothing of its own: the executions say it all.
    save: () => undefined,
    load: (_, executions) => remember(executions),
  };
}

/** The key of a call: equal for equal arguments, in whatever order. */
function keyOf(toolName: string, args: Arguments): string {
  return `${toolName} ${canonicalJson(args)}`;
}
