/** What is known of idempotent tools: equal calls share one outcome. */

import { canonicalJson } from "../../core/json.ts";
import type { Feature, FeatureContext, Remembered, SeenCall } from "../loop/feature.ts";
import type { Arguments } from "../state/messages.ts";
import { copied, failed, succeeded, type ToolOutcome } from "../tools/outcome.ts";
import type { Tool } from "../tools/tool.ts";

/** Equal calls of idempotent tools share one outcome, failures included. */
export class KnownOutcomes implements Feature {
  readonly name = "idempotency";
  readonly #outcomes = new Map<string, ToolOutcome>();
  readonly #tools: ReadonlyMap<string, Tool>;
  readonly #terminalTools: ReadonlySet<string>;

  constructor(tools: ReadonlyMap<string, Tool>, terminalTools: ReadonlySet<string>) {
    this.#tools = tools;
    this.#terminalTools = terminalTools;
  }

  start({ state }: FeatureContext): void {
    this.#remember(state.tool_executions);
  }

  settle(
    _: FeatureContext,
    { tool, args }: SeenCall & { readonly tool: Tool },
  ): ToolOutcome | { readonly key: string } | null {
    if (!tool.idempotent) return null;
    const key = keyOf(tool.name, args);
    const known = this.#outcomes.get(key);
    return known === undefined ? { key } : copied(known);
  }

  toolCompleted(
    _: FeatureContext,
    _call: SeenCall,
    outcome: ToolOutcome,
    key: string | null,
  ): void {
    if (key !== null && !outcome.cancelled && !outcome.cached) this.#outcomes.set(key, outcome);
  }

  /** Nothing of its own: the executions say it all. */
  save(): undefined {
    return undefined;
  }

  load(_: unknown, executions: readonly Remembered[]): void {
    this.#remember(executions);
  }

  /**
   * Only calls of tools that are idempotent now, and whose body ran, which is where time was taken: that a tool was
   * unknown, or did not take its arguments, may be different today.
   */
  #remember(executions: readonly Remembered[]): void {
    for (const execution of executions) {
      const { tool_name: name, result, error, duration_ms, idempotent_cache_hit } = execution;
      const isOwn = duration_ms > 0 && !execution.cancelled && !idempotent_cache_hit;
      if (!isOwn || this.#tools.get(name)?.idempotent !== true) continue;
      const outcome = error === null
        ? succeeded(result ?? "", duration_ms, this.#terminalTools.has(name))
        : failed(error, duration_ms);
      this.#outcomes.set(keyOf(name, execution.arguments), outcome);
    }
  }
}

/** The key of a call: equal for equal arguments, in whatever order. */
function keyOf(toolName: string, args: Arguments): string {
  return `${toolName} ${canonicalJson(args)}`;
}
