/** What a run begins with. */

import { randomHex } from "../../core/random_hex.ts";
import type { RunCounters } from "./run_persistence.ts";
import type { RunSettings } from "./run_settings.ts";
import { type AgentState, createState } from "../state/state.ts";

/** The state of a run that has said and done nothing. */
export function initialState(
  settings: RunSettings,
  metadata: Readonly<Record<string, unknown>>,
): AgentState {
  return createState({
    run_id: randomHex(32),
    messages: [],
    ...settings.limits,
    metadata: Object.freeze({ ...settings.metadata, ...metadata }),
  });
}

/** Nothing is counted yet. */
export function initialCounters(): RunCounters {
  return { elapsedMs: 0, toolCalls: 0, firstMessage: 0, firstExecution: 0 };
}
