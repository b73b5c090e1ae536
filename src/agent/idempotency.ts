/** What is known of idempotent tools: equal calls share one outcome. */

import { canonicalJson } from "./json.ts";
import type { RunHandle } from "./run_handle.ts";
import type { ToolExecution } from "./state.ts";
import { failed, succeeded, type ToolOutcome } from "./tool_outcome.ts";

/** Under which the outcome of a call is remembered: equal for equal arguments, in whatever order. */
export function idempotencyKey(toolName: string, args: Readonly<Record<string, unknown>>): string {
  return `${toolName} ${canonicalJson(args)}`;
}

type Remembered = Pick<
  ToolExecution,
  | "tool_name"
  | "arguments"
  | "result"
  | "error"
  | "duration_ms"
  | "idempotent_cache_hit"
  | "cancelled"
>;

/**
 * The outcomes that a list of executions holds of tools that are idempotent now, failures included.
 *
 * Only of calls whose body ran, which is where time was taken: that a tool was unknown, or did not take
 * its arguments, may be different today.
 */
export function rememberedOutcomes(
  { tools, config }: Pick<RunHandle, "tools" | "config">,
  executions: Iterable<Remembered>,
): Map<string, ToolOutcome> {
  const outcomes = new Map<string, ToolOutcome>();
  for (const execution of executions) {
    const { tool_name: name, result, error, duration_ms, idempotent_cache_hit } = execution;
    const isOwn = duration_ms > 0 && !execution.cancelled && !idempotent_cache_hit;
    if (!isOwn || tools.get(name)?.idempotent !== true) continue;
    const outcome = error === null
      ? succeeded(result ?? "", duration_ms, config.terminalTools.has(name))
      : failed(error, duration_ms);
    outcomes.set(idempotencyKey(name, execution.arguments), outcome);
  }
  return outcomes;
}
