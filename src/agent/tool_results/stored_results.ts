/** Keeps long results out of the conversation. */

import type { Feature, FeatureContext, SeenCall } from "../loop/feature.ts";
import { report } from "../state/report.ts";
import { type ToolOutcome, withResult } from "../tools/outcome.ts";
import type { ToolResultStore } from "./result_store.ts";

/** Puts long results into the agent's store. */
export class StoredResults implements Feature {
  readonly name = "tool results";
  readonly #store: ToolResultStore;

  constructor(store: ToolResultStore) {
    this.#store = store;
  }

  /** Does not wait for the store once the run is aborted. */
  async keepResult(
    { state, signal }: FeatureContext,
    { call, tool }: SeenCall,
    outcome: ToolOutcome,
  ): Promise<ToolOutcome | null> {
    if (outcome.result === null) return null;
    // What the store itself hands out is short, and must not be put away once more.
    if (tool === this.#store.tool) return outcome;
    const origin = {
      runId: state.run_id,
      iteration: state.iteration - 1,
      toolName: call.name,
      toolCallId: call.id,
    };
    try {
      return withResult(outcome, await this.#store.offload(outcome.result, origin, signal));
    } catch (error) {
      if (!signal.aborted) report("toolResultStore failed to save a result", error);
      return null;
    }
  }
}
