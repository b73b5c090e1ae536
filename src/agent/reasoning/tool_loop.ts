/** Turns that repeat themselves. */

import { canonicalJson } from "../../core/json.ts";
import type { StopCheck } from "../loop/stop_checks.ts";
import type { ReasoningStep } from "../state/state.ts";
import { referenceKeyOf } from "../state/texts.ts";

/**
 * Whether the last `threshold` turns made the very same calls, arguments included, got the same results, and did nothing
 * else.
 * Repeats within one turn do not count, and a turn without calls breaks the chain.
 */
export function isRepeating(steps: readonly ReasoningStep[], threshold: number): boolean {
  const latest = callingSteps(steps, threshold)?.reverse();
  if (latest === undefined) return false;
  const [last, ...before] = latest;
  const signature = signatureOf(last!);
  // Comparing texts is the expensive part: mostly the turn before is another one already.
  return before.every((step) => signatureOf(step) === signature);
}

/** Ends a run whose last `threshold` turns made the very same calls. */
export function isLooping(threshold: number): StopCheck {
  return ({ state }) =>
    isRepeating(state.reasoning_steps, threshold) ? { reason: "tool_loop" } : null;
}

/** Whether the last four turns took turns between two sets of calls. */
export function isAlternating(steps: readonly ReasoningStep[]): boolean {
  const [a, b, c, d] = callingSteps(steps, 4)?.map(signatureOf) ?? [];
  return a !== undefined && a === c && b === d && a !== b;
}

/** The last `count` turns; undefined if there are fewer, or one called nothing. */
function callingSteps(steps: readonly ReasoningStep[], count: number): ReasoningStep[] | undefined {
  const latest = steps.slice(-count);
  const areCalling = latest.length === count && latest.every((step) => step.tool_calls.length > 0);
  return areCalling ? latest : undefined;
}

/** What a turn called and what came of it, as text: who asks again until something changes does not go in circles. */
function signatureOf({ tool_calls, tool_results }: ReasoningStep): string {
  const calls = tool_calls.map((call, index) =>
    `${call.name} ${canonicalJson(call.arguments)} ${
      JSON.stringify(withoutKey(tool_results[index] ?? ""))
    }`
  );
  return [...new Set(calls)].sort().join("\n");
}

/** A result that is kept elsewhere has a key of its own each time, whatever it says. */
function withoutKey(result: string): string {
  const key = referenceKeyOf(result);
  return key === null ? result : result.replaceAll(key, "");
}
