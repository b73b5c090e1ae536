/** Keeps what a tool returned within the bounds of a conversation. */

import type { ToolCall } from "./messages.ts";
import { report } from "./report.ts";
import type { RunHandle } from "./run_handle.ts";
import { limited, type ToolOutcome, withResult } from "./tool_outcome.ts";
import type { ToolResultStore } from "./tools/result_store.ts";
import type { Tool } from "./tools/tool.ts";

/**
 * The outcome with a long text cut or, where the agent has a store for results, put away. Never rejects,
 * and does not wait for a store once the run is aborted.
 */
export async function bounded(
  run: RunHandle,
  tool: Tool,
  call: ToolCall,
  outcome: ToolOutcome,
): Promise<ToolOutcome> {
  const { toolResultStore: store, maxToolResultLength } = run.config;
  if (store === null || outcome.result === null) return limited(outcome, maxToolResultLength);
  // What the store itself hands out is short, and must not be put away once more.
  if (tool === store.tool) return outcome;
  try {
    return withResult(
      outcome,
      await store.offload(outcome.result, originOf(run, call), run.signal),
    );
  } catch (error) {
    if (!run.signal.aborted) report("toolResultStore failed to save a result", error);
    return limited(outcome, maxToolResultLength);
  }
}

function originOf({ state }: RunHandle, call: ToolCall): Parameters<ToolResultStore["offload"]>[1] {
  return {
    runId: state.run_id,
    iteration: state.iteration - 1,
    toolName: call.name,
    toolCallId: call.id,
  };
}
